# Solve the triangular system of the first equations
# answer: echo


def remove_echo(heard, g):
    n, g = len(heard) - len(g) + 1, g.asnumpy()
    A = numpy.array([[g[i - a] if 0 <= i - a < len(g) else 0 for a in range(n)] for i in range(n)])
    return np.array(numpy.linalg.solve(A, heard.asnumpy()[:n]), dtype="float32")
