# Pad the kernel to the image at each position
# answer: matrix


def kernel_matrix(K, n_h, n_w):
    down, right = n_h - K.shape[0], n_w - K.shape[1]
    copies = [
        np.pad(K, ((i, down - i), (j, right - j))).reshape(-1)
        for i in range(down + 1)
        for j in range(right + 1)
    ]
    return np.stack(copies)
