# The field of the layers above, seen through the first
# answer: field


def receptive_field(layers):
    if not layers:
        return 1
    (k, s, d), *above = layers
    return (receptive_field(above) - 1) * s + (k - 1) * d + 1
