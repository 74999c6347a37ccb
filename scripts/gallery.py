"""Makes the small pictures of the README's gallery, docs/images/<paper>.png, from figures that are drawn already.

    scripts/gallery.py figures docs/images
"""

import pathlib
import sys

from PIL import Image

# The figure of each paper that tells its story best.
CHOSEN = [
    ("symmetry-curse", "fig1"),
    ("trainability-fractal", "fig1"),
    ("saddle-free-newton", "fig1"),
    ("large-step-perceptron", "fig1"),
    ("cosine-warm-restarts", "fig2"),
    ("sinkhorn-newton-sparse", "fig1"),
    ("quadratic-regression-eos", "fig1"),
    ("sgd-trace-stability", "fig2"),
    ("plasticity-geometry", "fig1"),
    ("adaptive-sde-scaling", "fig1"),
    ("thermodynamic-ngd", "fig1"),
    ("dense-sketch-linf", "fig1"),
    ("softmax-free-attention", "fig1"),
    ("icl-linear-learners", "fig1"),
    ("attention-svm-bias", "fig1"),
]
WIDTH = 900
COLOURS = 64


def main(figures, images):
    missing = [f"make reproduce-{paper}" for paper, figure in CHOSEN if not (figures / paper / f"{figure}.png").exists()]
    if missing:
        sys.exit("gallery: some figures are not drawn yet; run: " + "; ".join(missing))
    for paper, figure in CHOSEN:
        picture = Image.open(figures / paper / f"{figure}.png").convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        small = picture.resize((WIDTH, height), Image.LANCZOS).quantize(COLOURS, dither=Image.Dither.NONE)
        path = images / f"{paper}.png"
        small.save(path, optimize=True)
        print(f"{path}  {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
