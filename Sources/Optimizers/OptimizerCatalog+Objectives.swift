// Rules that need more of a loss than one gradient.
extension OptimizerCatalog {
  static var projected: [OptimizerEntry] {
    let source = "Abdukhakimov, Xiang, Kamzolov and Takac 2023, arXiv 2310.02093"
    let formula = "theta -= eta f / (sum g^2 / B) g / B"
    return [
      OptimizerEntry("sps", "SPS", source: source, formula: "theta -= eta f / ||g||^2 g", rates: grid(-2...1)) {
        PolyakStep(FixedMetric())
      },
      OptimizerEntry(
        "psps-adagrad", "PSPS, AdaGrad", source: source, formula: "\(formula), B = sqrt(sum of g^2) + epsilon",
        rates: grid(-2...1)
      ) { PolyakStep(AdaGradMetric()) },
      OptimizerEntry(
        "psps-adam", "PSPS, Adam", source: source, formula: "\(formula), B = sqrt(vHat) + epsilon", rates: grid(-2...1)
      ) { PolyakStep(AdamMetric()) },
    ]
  }

  static var modelled: [OptimizerEntry] {
    [
      OptimizerEntry(
        "smb", "SMB", source: "Birbil, Martin, Onay and Oztoprak 2021, arXiv 2111.07058, Algorithm 1",
        formula: "s = -eta g; theta += s if f(theta + s) <= f - c eta ||g||^2, else theta -= B^-1 g", rates: grid(-2...1)
      ) { StochasticModelBuilding() },
      OptimizerEntry(
        "entropy-sgd", "Entropy-SGD", source: "Chaudhari et al. 2016, arXiv 1611.01838, Algorithm 1",
        formula: "theta -= eta (theta - mu), mu the mean of L Langevin steps, one a step", rates: grid(-2...1)
      ) { EntropySGD() },
      OptimizerEntry(
        "vr-sgd", "VR-SGD", source: "Jiang et al. 2023, arXiv 2309.13681",
        formula: "theta -= eta r g, r = g^2 / variance across workers",
        rates: grid(-3...0), needsWorkers: true
      ) { VarianceReduced(SGD()) },
      OptimizerEntry(
        "vr-adam", "VR-Adam", source: "Jiang et al. 2023, arXiv 2309.13681",
        formula: "Adam of rHat g, r = g^2 / variance across workers",
        rates: grid(-4 ... -1), needsWorkers: true
      ) { VarianceReduced(Adam(), smoothing: 0.9) },
    ]
  }
}
