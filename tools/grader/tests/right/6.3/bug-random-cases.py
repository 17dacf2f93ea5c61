# Three hundred random cases of all sizes
# answer: bug


def is_right(layer):
    for _ in range(300):
        k_h, k_w = rng.integers(1, 6, size=2).tolist()
        p_h, p_w = rng.integers(0, 6, size=2).tolist()
        n_h = max(rng.integers(1, 8).item(), k_h - 2 * p_h)
        n_w = max(rng.integers(1, 8).item(), k_w - 2 * p_w)
        s_h, s_w = rng.integers(1, 7, size=2).tolist()
        if rng.random() < 0.2:
            n_h, n_w, p_h, p_w, s_h, s_w = k_h, k_w, 0, 0, 1, 1
        X, K = whole(n_h, n_w), whole(k_h, k_w)
        Y = d2lconv.corr2d(np.pad(X, ((p_h, p_h), (p_w, p_w))), K)[::s_h, ::s_w]
        got = layer(X, K, (p_h, p_w), (s_h, s_w))
        if got.shape != Y.shape or (got != Y).any():
            return False
    return True
