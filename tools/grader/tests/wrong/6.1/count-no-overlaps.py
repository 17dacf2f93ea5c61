# Patterns that share pixels are counted once
# answer: count
# loses: count-any


def count_pattern(image, pattern):
    h, w = pattern.shape
    image, count = image.copy(), 0
    for i in range(image.shape[0] - h + 1):
        for j in range(image.shape[1] - w + 1):
            if (image[i : i + h, j : j + w] == pattern).all():
                count += 1
                image[i : i + h, j : j + w] = 2
    return count
