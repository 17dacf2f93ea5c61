"""Pictures of arrays for the notebooks (needs matplotlib)."""

from matplotlib import pyplot as plt


def heatmap(arrays, titles) -> None:
    """Draw two-dimensional arrays side by side, with zero in the middle of the colours."""
    arrays = [array.asnumpy() for array in arrays]
    limit = max(abs(array).max() for array in arrays) or 1
    figure, axes = plt.subplots(1, len(arrays), figsize=(3.5 * len(arrays) + 1, 3.5), squeeze=False)
    for ax, array, title in zip(axes[0], arrays, titles):
        image = ax.imshow(array, cmap="PuOr", vmin=-limit, vmax=limit)
        ax.set_title(title)
        ax.set_axis_off()
    figure.colorbar(image, ax=axes)
    plt.show()
