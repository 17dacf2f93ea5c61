"""Every public function and class of d2l 1.0.3 for MXNet runs, with small made-up data.

Only `make test-slow` collects this file, because importing d2l takes half a second.
"""

# ruff: noqa: E501 - one call a line

from __future__ import annotations

import ast
import io
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.slow
matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
d2l = pytest.importorskip("d2l.mxnet")

import mxnet as mx  # noqa: E402
import numpy  # noqa: E402
from mxnet import autograd, gluon, init, np, npx  # noqa: E402
from mxnet.gluon import nn  # noqa: E402

npx.set_np()
WORDS = "the time traveller was expounding a recondite matter to us "


def defined() -> set[str]:
    """Return the names of the functions and classes that d2l.mxnet defines or renames."""
    names = set()
    for node in ast.parse(Path(d2l.__file__).read_text()).body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return {name for name in names if name[0] != "_" and callable(vars(d2l)[name])}


def png(kind: str, size: int = 32) -> bytes:
    """Return a small image as a file."""
    from PIL import Image

    file, pixels = io.BytesIO(), numpy.zeros((size, size, 3), "uint8")
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def archive(name: str, files: dict[str, str | bytes]) -> bytes:
    """Return a zip or tar file with these files in it."""
    file = io.BytesIO()
    encoded = {p: text.encode() if isinstance(text, str) else text for p, text in files.items()}
    if name.endswith(".zip"):
        with zipfile.ZipFile(file, "w") as packed:
            for path, data in encoded.items():
                packed.writestr(path, data)
    else:
        with tarfile.open(fileobj=file, mode="w:gz" if name.endswith("gz") else "w") as packed:
            for path, data in encoded.items():
                info = tarfile.TarInfo(path)
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))
    return file.getvalue()


def made(name: str) -> bytes:
    """Return a download's content for a file's name."""
    boxes = "img_name,label,xmin,ymin,xmax,ymax\n0.png,0,8,8,20,20\n1.png,0,4,4,16,16\n"
    voc = {"ImageSets/Segmentation/train.txt": "a\nb", "ImageSets/Segmentation/val.txt": "a\nb"}
    for image in "ab":
        voc |= {
            f"JPEGImages/{image}.jpg": png("JPEG"),
            f"SegmentationClass/{image}.png": png("PNG"),
        }
    reviews = {
        f"aclImdb/{s}/{k}/{i}.txt": WORDS
        for s in ("train", "test")
        for k in ("pos", "neg")
        for i in "01"
    }
    pairs = "label\ta\tb\n" + "entailment\t( a man )\t( a dog )\n" * 6
    ratings = "".join(
        f"{u}\t{i}\t{1 + (u + i) % 5}\t{u * i}\n" for u in range(1, 6) for i in range(1, 6)
    )
    bananas = {f"{p}/label.csv": boxes for p in ("bananas_train", "bananas_val")}
    for part in ("bananas_train", "bananas_val"):
        bananas |= {f"{part}/images/{i}.png": png("PNG") for i in "01"}
    contents = {
        "airfoil_self_noise.dat": "".join(
            "\t".join(str((i * k) % 7 + k) for k in range(1, 7)) + "\n" for i in range(240)
        ),
        "timemachine.txt": WORDS * 20,
        "fra-eng.zip": {"fra-eng/fra.txt": "Go.\tVa !\nHi.\tSalut !\nRun!\tCours !\n" * 30},
        "ptb.zip": {"ptb/ptb.train.txt": (WORDS + "\n") * 20},
        "banana-detection.zip": {f"banana-detection/{path}": f for path, f in bananas.items()},
        "VOCtrainval_11-May-2012.tar": {f"VOCdevkit/VOC2012/{p}": f for p, f in voc.items()},
        "glove.6B.50d.zip": {"glove.6B.50d/vec.txt": "the 0.1 0.2\ntime 0.3 0.4\n"},
        "wikitext-2-v1.zip": {"wikitext-2/wiki.train.tokens": f"{WORDS}. {WORDS}. {WORDS}\n" * 8},
        "aclImdb_v1.tar.gz": reviews,
        "snli_1.0.zip": {f"snli_1.0/snli_1.0_{part}.txt": pairs for part in ("train", "test")},
        "ml-100k.zip": {"ml-100k/u.data": ratings},
    }[name]
    return contents.encode() if isinstance(contents, str) else archive(name, contents)


class Clothes(gluon.data.ArrayDataset):
    """A few grey images instead of Fashion-MNIST."""

    def __init__(self, train=True):
        super().__init__(np.zeros((20, 28, 28, 1), dtype="uint8"), numpy.arange(20) % 10)


def nothing(*_, **__):
    """Replace the display of pictures in a notebook."""


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Work in a temporary folder, without internet, windows and clocks."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    get = lambda url, **_: SimpleNamespace(content=made(url.rsplit("/", 1)[-1]))  # noqa: E731
    monkeypatch.setattr(d2l, "requests", SimpleNamespace(get=get))
    monkeypatch.setattr(gluon.data.vision, "FashionMNIST", Clothes)
    monkeypatch.setattr(d2l, "display", SimpleNamespace(display=nothing, clear_output=nothing))
    d2l.plt.close("all")
    return tmp_path


def grown(block, *inputs):
    """Initialize a block and apply it."""
    block.initialize(init.Xavier())
    return block(*inputs)


def dense(n=2):
    """Return a small network."""
    net = nn.Sequential()
    net.add(nn.Dense(n))
    net.initialize()
    return net


def batches(n=2):
    """Return a few batches of features and labels."""
    return d2l.load_array((np.ones((10, 4)), np.arange(10) % n), 2)


def sgd_of(net):
    """Return a trainer for a network."""
    return gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})


def fit(model, data):
    """Train a model of d2l's for one epoch."""
    trainer = d2l.Trainer(max_epochs=1, gradient_clip_val=0)
    trainer.fit(model, data)
    return model


def classify(net):
    """Return a classifier's network, loss and trainer."""
    return net, gluon.loss.SoftmaxCrossEntropyLoss(), sgd_of(net)


ANCHORS = np.array([[0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9]])
REGRESSION = d2l.SyntheticRegressionData
VOCAB = d2l.Vocab([WORDS.split()])
IDS = np.array([[1, 2, 3], [3, 2, 1]])
F = np.ones((2, 3, 4))
BERT = (10, 4, 6, 2, 1, 0.0)
ONE_ARRAY = "abs argmax cos cosh exp log numpy ones_like reduce_mean reduce_sum sigmoid sin sinh size tanh transpose zeros_like"
CALLS = {
    **{name: lambda f=name: getattr(d2l, f)(3) for name in ("arange", "eye", "ones", "rand", "randn", "tensor", "zeros")},
    **{name: lambda f=name: getattr(d2l, f)(np.ones((2, 2))) for name in ONE_ARRAY.split()},
    "astype": lambda: d2l.astype(np.ones(2), "int32"),
    "batch_matmul": lambda: d2l.batch_matmul(np.ones((1, 2, 2)), np.ones((1, 2, 2))),
    "concat": lambda: d2l.concat([np.ones(2), np.ones(3)]),
    "expand_dims": lambda: d2l.expand_dims(np.ones(2), 0),
    "float32": lambda: d2l.float32(1),
    "int32": lambda: d2l.int32(1),
    "int64": lambda: d2l.int64(1),
    "linspace": lambda: d2l.linspace(0, 1, 3),
    "matmul": lambda: d2l.matmul(np.ones((2, 2)), np.ones((2, 2))),
    "meshgrid": lambda: d2l.meshgrid(np.ones(2), np.ones(3)),
    "nn_Module": lambda: d2l.nn_Module(),
    "normal": lambda: d2l.normal(0, 1, (2, 3)),
    "repeat": lambda: d2l.repeat(np.ones(2), 2),
    "reshape": lambda: d2l.reshape(np.ones((2, 2)), (4,)),
    "stack": lambda: d2l.stack([np.ones(2), np.ones(2)]),
    "swapaxes": lambda: d2l.swapaxes(np.ones((2, 3)), 0, 1),
    "to": lambda: d2l.to(np.ones(2), d2l.cpu()),
    "use_svg_display": lambda: d2l.use_svg_display(),
    "set_figsize": lambda: d2l.set_figsize((3, 2)),
    "set_axes": lambda: d2l.set_axes(d2l.plt.gca(), "x", "y", [0, 1], [0, 1], "linear", "log", ["a"]),
    "plot": lambda: d2l.plot(np.arange(3), [np.arange(3), np.arange(3) ** 2], "x", "y", ["a", "b"]),
    "add_to_class": lambda: d2l.add_to_class(d2l.Timer)(d2l.sgd),
    "HyperParameters": lambda: d2l.SGD([], 0.1).lr,
    "ProgressBoard": lambda: d2l.ProgressBoard("x").draw(1, numpy.float32(2), "a"),
    "Module": lambda: d2l.Module().board,
    "DataModule": lambda: d2l.DataModule().root,
    "Trainer": lambda: fit(d2l.LinearRegressionScratch(2, 0.03), REGRESSION(np.array([2, -3.4]), 4.2)),
    "SyntheticRegressionData": lambda: next(iter(REGRESSION(np.array([1.0]), 0.5).train_dataloader())),
    "LinearRegressionScratch": lambda: d2l.LinearRegressionScratch(2, 0.1)(np.ones((3, 2))),
    "SGD": lambda: d2l.SGD([], 0.1).step(1),
    "LinearRegression": lambda: fit(d2l.LinearRegression(0.03), REGRESSION(np.array([2, -3.4]), 4.2)),
    "FashionMNIST": lambda: d2l.FashionMNIST().text_labels([0, 9]),
    "show_images": lambda: d2l.show_images([np.ones((4, 4))] * 2, 1, 2, ["a", "b"]),
    "Classifier": lambda: d2l.Classifier().accuracy(np.eye(2), np.array([0, 1])),
    "SoftmaxRegression": lambda: fit(d2l.SoftmaxRegression(10, 0.1), d2l.FashionMNIST(4)),
    "cpu": lambda: d2l.cpu(),
    "gpu": lambda: d2l.gpu(0),
    "num_gpus": lambda: d2l.num_gpus(),
    "try_gpu": lambda: d2l.try_gpu(),
    "try_all_gpus": lambda: d2l.try_all_gpus(),
    "corr2d": lambda: d2l.corr2d(np.ones((3, 3)), np.ones((2, 2))),
    "LeNet": lambda: grown(d2l.LeNet(), np.ones((1, 1, 28, 28))),
    "Residual": lambda: grown(d2l.Residual(3, True, 2), np.ones((1, 3, 6, 6))),
    "ResNeXtBlock": lambda: grown(d2l.ResNeXtBlock(32, 16, 1), np.ones((1, 32, 6, 6))),
    "TimeMachine": lambda: next(iter(d2l.TimeMachine(2, 5).train_dataloader())),
    "Vocab": lambda: d2l.Vocab([["a", "b"], ["a"]]).to_tokens([0, 1]),
    "RNNScratch": lambda: d2l.RNNScratch(4, 3)(F),
    "check_len": lambda: d2l.check_len([1, 2], 2),
    "check_shape": lambda: d2l.check_shape(F, (2, 3, 4)),
    "RNNLMScratch": lambda: d2l.RNNLMScratch(d2l.RNNScratch(len(VOCAB), 3), len(VOCAB)).predict(["the"], 2, VOCAB),
    "RNN": lambda: grown(d2l.RNN(3), F),
    "RNNLM": lambda: grown(d2l.RNNLM(d2l.RNN(3), len(VOCAB)), IDS),
    "GRU": lambda: grown(d2l.GRU(3, 2), F),
    "MTFraEng": lambda: next(iter(d2l.MTFraEng(4, num_train=20, num_val=5).train_dataloader())),
    "show_list_len_pair_hist": lambda: d2l.show_list_len_pair_hist(["a", "b"], "x", "y", [[1], [1, 2]], [[1], [1]]),
    "Encoder": lambda: d2l.Encoder(),
    "Decoder": lambda: d2l.Decoder(),
    "EncoderDecoder": lambda: d2l.EncoderDecoder(d2l.Encoder(), d2l.Decoder()),
    "Seq2SeqEncoder": lambda: grown(d2l.Seq2SeqEncoder(10, 4, 3, 2), IDS),
    "Seq2Seq": lambda: d2l.Seq2Seq(d2l.Encoder(), d2l.Decoder(), 0, 0.1).tgt_pad,
    "bleu": lambda: d2l.bleu("a b", "a b c", 2),
    "show_heatmaps": lambda: d2l.show_heatmaps(np.ones((1, 1, 3, 3)), "x", "y"),
    "masked_softmax": lambda: d2l.masked_softmax(F, np.array([2, 3])),
    "DotProductAttention": lambda: grown(d2l.DotProductAttention(0.1), F, F, F, np.array([2, 3])),
    "AdditiveAttention": lambda: grown(d2l.AdditiveAttention(4, 0.1), F, F, F, np.array([2, 3])),
    "AttentionDecoder": lambda: d2l.AttentionDecoder(),
    "MultiHeadAttention": lambda: grown(d2l.MultiHeadAttention(4, 2, 0.1), F, F, F, np.array([2, 3])),
    "PositionalEncoding": lambda: grown(d2l.PositionalEncoding(4, 0.1), F),
    "PositionWiseFFN": lambda: grown(d2l.PositionWiseFFN(4, 8), F),
    "AddNorm": lambda: grown(d2l.AddNorm(0.1), F, F),
    "TransformerEncoderBlock": lambda: grown(d2l.TransformerEncoderBlock(4, 8, 2, 0.1), F, np.array([2, 3])),
    "TransformerEncoder": lambda: grown(d2l.TransformerEncoder(10, 4, 8, 2, 1, 0.1), IDS, np.array([2, 3])),
    "annotate": lambda: d2l.annotate("a", (0, 0), (1, 1)),
    "train_2d": lambda: d2l.train_2d(lambda a, b, s, t: (a * 0.9, b * 0.9, 0, 0)),
    "show_trace_2d": lambda: d2l.show_trace_2d(lambda a, b: a**2 + b**2, [(1, 2), (0, 1)]),
    "Timer": lambda: d2l.Timer().stop(),
    "get_data_ch11": lambda: d2l.get_data_ch11(10, 200),
    "train_ch11": lambda: d2l.train_ch11(
        lambda ps, s, h: d2l.sgd(ps, h["lr"], 1), None, {"lr": 0.05}, *d2l.get_data_ch11(10, 200)
    ),
    "train_concise_ch11": lambda: d2l.train_concise_ch11("sgd", {"learning_rate": 0.05}, d2l.get_data_ch11(10, 200)[0]),
    "Benchmark": lambda: d2l.Benchmark("done").__enter__(),
    "split_batch": lambda: d2l.split_batch(np.ones((4, 2)), np.ones(4), [mx.cpu(0), mx.cpu(1)]),
    "resnet18": lambda: grown(d2l.resnet18(2), np.ones((1, 1, 16, 16))),
    "evaluate_accuracy_gpus": lambda: d2l.evaluate_accuracy_gpus(dense(), batches()),
    "train_batch_ch13": lambda: d2l.train_batch_ch13(
        (net := dense()), np.ones((2, 4)), np.array([0, 1]), *classify(net)[1:], [mx.cpu()]
    ),
    "train_ch13": lambda: d2l.train_ch13((net := dense()), batches(), batches(), *classify(net)[1:], 1, [mx.cpu()]),
    "box_corner_to_center": lambda: d2l.box_corner_to_center(ANCHORS),
    "box_center_to_corner": lambda: d2l.box_center_to_corner(ANCHORS),
    "bbox_to_rect": lambda: d2l.bbox_to_rect([1, 2, 3, 4], "red"),
    "multibox_prior": lambda: d2l.multibox_prior(np.zeros((1, 3, 4, 4)), [0.75, 0.5], [1, 2]),
    "show_bboxes": lambda: d2l.show_bboxes(d2l.plt.gca(), ANCHORS, ["a", "b"]),
    "box_iou": lambda: d2l.box_iou(ANCHORS, ANCHORS),
    "assign_anchor_to_bbox": lambda: d2l.assign_anchor_to_bbox(ANCHORS, ANCHORS, mx.cpu()),
    "offset_boxes": lambda: d2l.offset_boxes(ANCHORS, ANCHORS),
    "multibox_target": lambda: d2l.multibox_target(ANCHORS.reshape(1, 2, 4), np.array([[[0, 0.1, 0.1, 0.4, 0.4]]])),
    "offset_inverse": lambda: d2l.offset_inverse(ANCHORS, np.zeros((2, 4))),
    "nms": lambda: d2l.nms(ANCHORS, np.array([0.9, 0.8]), 0.5),
    "multibox_detection": lambda: d2l.multibox_detection(
        np.array([[[0.1, 0.2], [0.9, 0.8]]]), np.zeros((1, 8)), ANCHORS.reshape(1, 2, 4)
    ),
    "read_data_bananas": lambda: d2l.read_data_bananas(),
    "BananasDataset": lambda: d2l.BananasDataset(False)[0],
    "load_data_bananas": lambda: next(iter(d2l.load_data_bananas(2)[0])),
    "read_voc_images": lambda: d2l.read_voc_images(d2l.download_extract("voc2012", "VOCdevkit/VOC2012")),
    "voc_colormap2label": lambda: d2l.voc_colormap2label(),
    "voc_label_indices": lambda: d2l.voc_label_indices(np.zeros((2, 2, 3)), d2l.voc_colormap2label()),
    "voc_rand_crop": lambda: d2l.voc_rand_crop(np.ones((8, 8, 3)), np.ones((8, 8, 3)), 4, 4),
    "VOCSegDataset": lambda: d2l.VOCSegDataset(True, (8, 8), d2l.download_extract("voc2012", "VOCdevkit/VOC2012"))[0],
    "load_data_voc": lambda: next(iter(d2l.load_data_voc(2, (8, 8))[0])),
    "read_csv_labels": lambda: Path("a.csv").write_text("id,label\n1,cat\n") and d2l.read_csv_labels("a.csv"),
    "copyfile": lambda: Path("a.csv").write_text("1") and d2l.copyfile("a.csv", "there"),
    "reorg_train_valid": lambda: [d2l.copyfile(__file__, "in/train")]
    and d2l.reorg_train_valid("in", {"slow_d2l": "cat"}, 0.5),
    "reorg_test": lambda: [d2l.copyfile(__file__, "in/test")] and d2l.reorg_test("in"),
    "read_ptb": lambda: d2l.read_ptb(),
    "subsample": lambda: d2l.subsample([WORDS.split()], VOCAB),
    "get_centers_and_contexts": lambda: d2l.get_centers_and_contexts([[1, 2, 3, 4]], 2),
    "RandomGenerator": lambda: d2l.RandomGenerator([2, 3, 4]).draw(),
    "get_negatives": lambda: d2l.get_negatives([[1]], VOCAB, {t: 1 for t in VOCAB.idx_to_token}, 2),
    "batchify": lambda: d2l.batchify([(1, [2, 2], [3, 3]), (1, [2], [3])]),
    "load_data_ptb": lambda: list(d2l.load_data_ptb(4, 2, 2)[0]),
    "TokenEmbedding": lambda: d2l.TokenEmbedding("glove.6b.50d")[["the", "none"]],
    "get_tokens_and_segments": lambda: d2l.get_tokens_and_segments(["a"], ["b"]),
    "BERTEncoder": lambda: grown(d2l.BERTEncoder(*BERT), IDS, IDS * 0, None),
    "MaskLM": lambda: grown(d2l.MaskLM(10, 4), F, np.array([[0, 1], [1, 2]])),
    "NextSentencePred": lambda: grown(d2l.NextSentencePred(), np.ones((2, 4))),
    "BERTModel": lambda: grown(d2l.BERTModel(*BERT), IDS, IDS * 0, None, np.array([[0, 1], [1, 2]])),
    "load_data_wiki": lambda: next(iter(d2l.load_data_wiki(2, 64)[0])),
    "read_imdb": lambda: d2l.read_imdb(d2l.download_extract("aclImdb", "aclImdb"), True),
    "load_data_imdb": lambda: next(iter(d2l.load_data_imdb(2, 8)[0])),
    "predict_sentiment": lambda: d2l.predict_sentiment(dense(), VOCAB, "the time"),
    "read_snli": lambda: d2l.read_snli(d2l.download_extract("SNLI"), True),
    "SNLIDataset": lambda: d2l.SNLIDataset((["a man"], ["a dog"], [0]), 4)[0],
    "load_data_snli": lambda: next(iter(d2l.load_data_snli(2, 5)[0])),
    "split_batch_multi_inputs": lambda: d2l.split_batch_multi_inputs([F, F], np.ones(2), [mx.cpu()]),
    "predict_snli": lambda: d2l.predict_snli(lambda pair: np.array([[0.1, 0.8, 0.1]]), VOCAB, ["the"], ["time"]),
    "update_D": lambda: d2l.update_D(
        np.ones((2, 2)), np.ones((2, 2)), (D := dense(1)), dense(2), gluon.loss.SigmoidBCELoss(), sgd_of(D)
    ),
    "update_G": lambda: d2l.update_G(
        np.ones((2, 2)), dense(1), (G := dense(2)), gluon.loss.SigmoidBCELoss(), sgd_of(G)
    ),
    "read_data_ml100k": lambda: d2l.read_data_ml100k(),
    "split_data_ml100k": lambda: d2l.split_data_ml100k(*d2l.read_data_ml100k(), "random"),
    "load_data_ml100k": lambda: d2l.load_data_ml100k(*d2l.read_data_ml100k(), "implicit"),
    "split_and_load_ml100k": lambda: d2l.split_and_load_ml100k(batch_size=4),
    "train_recsys_rating": lambda: d2l.train_recsys_rating(
        (net := dense(1)), batches(), batches(), gluon.loss.L2Loss(), sgd_of(net), 1, [mx.cpu()],
        lambda net, data, devices: 0.5,
    ),
    "BPRLoss": lambda: d2l.BPRLoss()(np.ones(2), np.zeros(2)),
    "HingeLossbRec": lambda: d2l.HingeLossbRec()(np.ones(2), np.zeros(2)),
    "hit_and_auc": lambda: d2l.hit_and_auc([1, 2, 3], [2], 2),
    "evaluate_ranking": lambda: d2l.evaluate_ranking(
        lambda u, i: u + i, {u: [1] for u in range(4)}, None, {u: [0] for u in range(4)}, 4, 4, [mx.cpu()]
    ),
    "train_ranking": lambda: d2l.train_ranking(
        (net := Pair()), d2l.load_array((np.ones((4, 1)), np.ones((4, 1)), np.ones((4, 1))), 2), None,
        d2l.BPRLoss(), sgd_of(net), None, 4, 4, 1, [mx.cpu()], lambda *a: (0.1, 0.2), None,
    ),
    "CTRDataset": lambda: Path("ctr").write_text("1\t" + "\t".join("a" * 34) + "\n") and d2l.CTRDataset("ctr", min_threshold=0)[0],
    "load_array": lambda: next(iter(d2l.load_array((F, F), 1))),
    "synthetic_data": lambda: d2l.synthetic_data(np.array([1.0]), 2.0, 5),
    "sgd": lambda: d2l.sgd([], 0.1, 1),
    "get_dataloader_workers": lambda: d2l.get_dataloader_workers(),
    "load_data_fashion_mnist": lambda: next(iter(d2l.load_data_fashion_mnist(4, 32)[0])),
    "evaluate_accuracy_gpu": lambda: d2l.evaluate_accuracy_gpu(dense(), batches()),
    "train_ch6": lambda: d2l.train_ch6(dense(), batches(), batches(), 1, 0.1, mx.cpu()),
    "grad_clipping": lambda: clipped(dense()),
    "evaluate_accuracy": lambda: d2l.evaluate_accuracy(dense(), batches()),
    "linreg": lambda: d2l.linreg(np.ones((2, 3)), np.ones((3, 1)), np.zeros(1)),
    "squared_loss": lambda: d2l.squared_loss(np.ones(2), np.zeros(2)),
    "get_fashion_mnist_labels": lambda: d2l.get_fashion_mnist_labels([0, 9]),
    "Animator": lambda: d2l.Animator("x", legend=["a", "b"]).add(1, (np.array(1.0), numpy.float32(2))),
    "Accumulator": lambda: d2l.Accumulator(2).add(np.array(1.0), numpy.float32(2)),
    "accuracy": lambda: d2l.accuracy(np.eye(2), np.array([0, 1])),
    "download": lambda: d2l.download("airfoil"),
    "extract": lambda: d2l.extract(d2l.download("fra-eng")),
    "download_extract": lambda: d2l.download_extract("fra-eng"),
    "tokenize": lambda: d2l.tokenize([WORDS], "char"),
    "evaluate_loss": lambda: d2l.evaluate_loss(dense(1), batches(), gluon.loss.L2Loss()),
    "read_data_nmt": lambda: d2l.read_data_nmt(),
    "preprocess_nmt": lambda: d2l.preprocess_nmt("Go.\tVa !"),
    "tokenize_nmt": lambda: d2l.tokenize_nmt("go .\tva !\n"),
    "truncate_pad": lambda: d2l.truncate_pad([1, 2], 4, 0),
    "build_array_nmt": lambda: d2l.build_array_nmt([["the"]], d2l.Vocab([["the"]], reserved_tokens=["<pad>", "<eos>"]), 4),
    "load_data_nmt": lambda: next(iter(d2l.load_data_nmt(4, 5)[0])),
    "MaskedSoftmaxCELoss": lambda: d2l.MaskedSoftmaxCELoss()(F, np.ones((2, 3)), np.array([2, 3])),
    "train_seq2seq": lambda: d2l.train_seq2seq(Translator(), *[d2l.load_data_nmt(30, 5)[i] for i in (0,)], 0.1, 1, d2l.load_data_nmt(30, 5)[2], mx.cpu()),
    "predict_seq2seq": lambda: d2l.predict_seq2seq(
        SimpleNamespace(encoder=lambda X, n: X, decoder=Guess()), "go .", *d2l.load_data_nmt(30, 5)[1:], 5, mx.cpu()
    ),
}  # fmt: skip


class Pair(nn.Block):
    """Score a user and an item."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Dense(1)
        self.initialize()

    def forward(self, user, item):
        """Add the layer's results for both."""
        return self.layer(user) + self.layer(item)


class Translator(nn.Block):
    """Score each word of the target only by its number."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Dense(50, flatten=False)

    def forward(self, X, target, valid_len):
        """Return scores and no state."""
        return self.layer(np.expand_dims(target.astype("float32"), 2)), None


class Guess:
    """A decoder that always returns the fifth word."""

    attention_weights = None

    def init_state(self, outputs, valid_len):
        """Return no state."""

    def __call__(self, X, state):
        """Return scores and no state."""
        return npx.one_hot(X * 0 + 4, 6), state


def clipped(net):
    """Clip the gradient of a network."""
    with autograd.record():
        loss = net(np.ones((2, 3))).sum()
    loss.backward()
    return d2l.grad_clipping(net, 1)


def test_every_public_name_is_called():
    own = {name for name, it in vars(d2l).items() if getattr(it, "__module__", "") == "d2l.mxnet"}
    assert {name for name in own if name[0] != "_"} <= set(CALLS)
    assert set(CALLS) == defined()


@pytest.mark.parametrize("name", CALLS)
def test_it_runs(world, name):
    CALLS[name]()
    npx.waitall()
