# All combinations of a few sizes, against a loop of its own
# answer: bug


def is_right(layer):
    sizes = [(1, 1, 0, 1), (1, 3, 1, 2), (6, 2, 0, 3), (4, 2, 3, 1), (6, 4, 0, 2), (3, 3, 0, 1)]
    sizes += [(7, 5, 1, 1), (9, 2, 0, 4), (8, 3, 1, 3)]
    for n_h, k_h, p_h, s_h in sizes:
        for n_w, k_w, p_w, s_w in sizes:
            X, K = whole(n_h, n_w), whole(k_h, k_w)
            padded = numpy.pad(X.asnumpy(), ((p_h, p_h), (p_w, p_w)))
            view = numpy.lib.stride_tricks.sliding_window_view(padded, (k_h, k_w))[::s_h, ::s_w]
            got = layer(X, K, (p_h, p_w), (s_h, s_w)).asnumpy()
            if not numpy.array_equal(got, (view * K.asnumpy()).sum(axis=(2, 3))):
                return False
    return True
