// Rules that use second derivatives, or what stands for them.
extension OptimizerCatalog {
  static var curved: [OptimizerEntry] {
    [
      OptimizerEntry(
        "mfac", "M-FAC", source: "Frantar, Kurtic and Alistarh 2021, arXiv 2107.03356, Section 3.2",
        formula: "F = lambda I + sum g g^T / m over the last m; v = mu v + (1 - mu) F^-1 g; theta -= eta v", rates: grid(-3...0)
      ) { MFAC() },
      OptimizerEntry(
        "saddle-free-newton", "Saddle-free Newton", source: "Pascanu et al. 2014, arXiv 1405.4604",
        formula: "H = Q diag(w) Q^T; theta -= eta Q diag(1 / (|w| + delta)) Q^T g, the best delta", rates: grid(-2...1)
      ) { SaddleFreeNewton() },
    ]
  }
}
