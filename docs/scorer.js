// Rank search results: the sections first, then the other pages, then the package's names. Apart from
// `score`, these are Sphinx's own numbers; Sphinx needs them all.
var Scorer = {
  score: ([page, , , , score]) =>
    score + (page.startsWith("notebooks/") ? 100 : 0) - (page === "api" ? 100 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
