# Add a row above and a row below at a time
# answer: mirror


def pad_mirror(X, p):
    def taller(rows, p):
        n, rows = len(rows), list(rows)
        above = [rows[i] for i in range(p, 0, -1)]
        return above + rows + [rows[n - 2 - i] for i in range(p)]

    rows = taller(X.asnumpy(), p[0])
    return np.array(numpy.array(taller(numpy.array(rows).T, p[1])).T)
