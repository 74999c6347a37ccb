// One row for each rule: a new rule is one more row here, and one in Tests/OptimizersTests/Rows.swift.
extension OptimizerCatalog {
  static var descent: [OptimizerEntry] {
    [
      OptimizerEntry(
        "sgd", "SGD", source: "Robbins and Monro 1951", formula: "theta -= eta g", rates: grid(-3...0)
      ) { SGD() },
      OptimizerEntry(
        "momentum", "Momentum", source: "Polyak 1964", formula: "v = mu v + g; theta -= eta v", rates: grid(-4 ... -1)
      ) { Momentum() },
      OptimizerEntry(
        "nesterov", "Nesterov", source: "Nesterov 1983; Sutskever et al. 2013", formula: "v = mu v + g; theta -= eta (mu v + g)",
        rates: grid(-4 ... -1)
      ) { Momentum(isNesterov: true) },
      OptimizerEntry(
        "averaged-sgd", "Averaged SGD", source: "Polyak and Juditsky 1992; Ruppert 1988",
        formula: "theta -= eta g; the mean of the iterates is in the state", rates: grid(-3...0)
      ) { SGD().averaged() },
    ]
  }

  static var accumulating: [OptimizerEntry] {
    [
      OptimizerEntry(
        "adagrad", "AdaGrad", source: "Duchi, Hazan and Singer 2011, JMLR 12, Figure 1",
        formula: "v += g^2; theta -= eta g / (sqrt(v) + epsilon)", rates: grid(-3...0)
      ) { AdaGrad() },
      OptimizerEntry(
        "adagrad-norm", "AdaGrad-Norm", source: "Ward, Wu and Bottou 2018, arXiv 1806.01811, Algorithm 1",
        formula: "b^2 += ||g||^2; theta -= eta g / b", rates: grid(-2...1)
      ) { AdaGradNorm() },
      OptimizerEntry(
        "rmsprop", "RMSprop", source: "Tieleman and Hinton 2012, lecture 6e",
        formula: "v = beta v + (1 - beta) g^2; theta -= eta g / (sqrt(v) + epsilon)", rates: grid(-4 ... -1)
      ) { RMSprop() },
      OptimizerEntry(
        "adadelta", "Adadelta", source: "Zeiler 2012, arXiv 1212.5701, Algorithm 1",
        formula:
          "v = rho v + (1 - rho) g^2; d = -g sqrt(u + epsilon) / sqrt(v + epsilon); u = rho u + (1 - rho) d^2; theta += eta d",
        rates: grid(-1...2)
      ) { Adadelta() },
    ]
  }

  static var signed: [OptimizerEntry] {
    [
      OptimizerEntry(
        "sign-sgd", "signSGD", source: "Bernstein et al. 2018, arXiv 1802.04434, Algorithm 1", formula: "theta -= eta sign(g)",
        rates: grid(-5 ... -2)
      ) { SignSGD() },
      OptimizerEntry(
        "signum", "Signum", source: "Bernstein et al. 2018, arXiv 1802.04434, Algorithm 2",
        formula: "m = beta m + (1 - beta) g; theta -= eta sign(m)", rates: grid(-5 ... -2)
      ) { Signum() },
      OptimizerEntry(
        "lion", "Lion", source: "Chen et al. 2023, arXiv 2302.06675, Program 1",
        formula: "theta -= eta sign(b1 m + (1 - b1) g); m = b2 m + (1 - b2) g", rates: grid(-5 ... -2)
      ) { Lion() },
      OptimizerEntry(
        "lion-k", "Lion-K", source: "Chen, Liu, Liang and Liu 2023, arXiv 2310.05898",
        formula: "theta = (theta + eta grad K(b1 m - (1 - b1) g)) / (1 + eta lambda); m = b2 m - (1 - b2) g",
        rates: grid(-5 ... -2)
      ) { LionK(potential: .smooth(0.01)) },
    ]
  }

  static var layerwise: [OptimizerEntry] {
    [
      OptimizerEntry(
        "novograd", "NovoGrad", source: "Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1",
        formula: "v = b2 v + (1 - b2) ||g||^2; m = b1 m + g / (sqrt(v) + epsilon) + lambda w; w -= eta m; by tensor",
        rates: grid(-4 ... -1)
      ) { NovoGrad() },
      OptimizerEntry(
        "lars", "LARS", source: "You, Gitman and Ginsburg 2017, arXiv 1708.03888, Algorithm 1",
        formula: "u = mu u + eta trust ||w|| / (||g|| + lambda ||w||) (g + lambda w); w -= u; by tensor", rates: grid(-1...2)
      ) { LARS() },
      OptimizerEntry(
        "lamb", "LAMB", source: "You et al. 2019, arXiv 1904.00962, Algorithm 2",
        formula: "r = mHat / (sqrt(vHat) + epsilon) + lambda w; w -= eta ||w|| / ||r|| r; by tensor", rates: grid(-4 ... -1)
      ) { LAMB() },
    ]
  }

  static var lossBased: [OptimizerEntry] {
    [
      OptimizerEntry(
        "aegd", "AEGD", source: "Liu and Tian 2020, arXiv 2010.05109, Algorithm 1",
        formula: "v = grad f / (2 sqrt(f + c)); r = r / (1 + 2 eta v^2); theta -= 2 eta r v", rates: grid(-2...1)
      ) { AEGD() },
      OptimizerEntry(
        "aegd-global", "AEGD, one energy", source: "Liu and Tian 2020, arXiv 2010.05109",
        formula: "v = grad f / (2 sqrt(f + c)); r = r / (1 + 2 eta ||v||^2); theta -= 2 eta r v", rates: grid(-2...1)
      ) { AEGD(isElementWise: false) },
      OptimizerEntry(
        "sam", "SAM", source: "Foret et al. 2020, arXiv 2010.01412, Algorithm 1",
        formula: "v = mu v + grad f(theta + rho g / ||g||); theta -= eta v", rates: grid(-4 ... -1)
      ) { Momentum().sharpnessAware() },
    ]
  }

  static var polyak: [OptimizerEntry] {
    let source = "Abdukhakimov et al. 2023, arXiv 2310.02093"
    return [
      OptimizerEntry(
        "sps", "SPS", source: "Polyak 1987; Loizou et al. 2020, arXiv 2002.10542", formula: "theta -= eta f / ||g||^2 g",
        rates: grid(-2...1)
      ) { PolyakStep(FixedMetric()) },
      OptimizerEntry(
        "psps-adagrad", "PSPS, AdaGrad", source: source,
        formula: "B = sqrt(sum g^2) + epsilon; theta -= eta f / (g B^-1 g) B^-1 g",
        rates: grid(-2...1)
      ) { PolyakStep(AdaGradMetric()) },
      OptimizerEntry(
        "psps-adam", "PSPS, Adam", source: source, formula: "B = sqrt(vHat) + epsilon; theta -= eta f / (g B^-1 g) B^-1 g",
        rates: grid(-2...1)
      ) { PolyakStep(AdamMetric()) },
      OptimizerEntry(
        "psps-l1", "PSPS-L1, Adam", source: source,
        formula: "c = (f - s + lambda)+ / (1 + g B^-1 g); theta -= eta min(c, f / (g B^-1 g)) B^-1 g; s = (s - lambda + c)+",
        rates: grid(-2...1)
      ) { PolyakStep(AdamMetric(), penalty: .linear(0.01)) },
      OptimizerEntry(
        "psps-l2", "PSPS-L2, Adam", source: source,
        formula: "k = 1 / (1 + lambda); c = (f - k s)+ / (k + g B^-1 g); theta -= eta c B^-1 g; s = k (s + c)",
        rates: grid(-2...1)
      ) { PolyakStep(AdamMetric(), penalty: .quadratic(0.01)) },
    ]
  }

  static var explored: [OptimizerEntry] {
    [
      OptimizerEntry(
        "smb", "SMB", source: "Birbil et al. 2021, arXiv 2111.07058, Algorithm 1",
        formula: "s = -eta g; if f(x + s) > f - c eta ||g||^2: s = -B^-1 g, B from g(x + s) - g, by tensor; x += s",
        rates: grid(-2...1)
      ) { StochasticModelBuilding() },
      OptimizerEntry(
        "smb-independent", "SMBi", source: "Birbil et al. 2021, arXiv 2111.07058",
        formula: "SMB whose model is built on the batch after the one that failed", rates: grid(-2...1)
      ) { StochasticModelBuilding(usesIndependentBatch: true) },
      OptimizerEntry(
        "entropy-sgd", "Entropy-SGD", source: "Chaudhari et al. 2016, arXiv 1611.01838, Algorithm 1",
        formula: "L times: y -= h (grad f(y) - c (x - y)) + sqrt(h) e N; mu = (1 - a) mu + a y; then x -= eta (x - mu)",
        rates: grid(-2...1)
      ) { EntropySGD() },
    ]
  }

  static var workerBased: [OptimizerEntry] {
    func entry(
      _ name: String, _ title: String, _ formula: String, _ exponents: ClosedRange<Int>,
      _ factory: @escaping @Sendable () -> any Optimizer<Double>
    ) -> OptimizerEntry {
      OptimizerEntry(
        name, title, source: "Jiang et al. 2023, arXiv 2309.13681",
        formula: "\(formula) of r g, r = g^2 / variance over workers, of mean 1 by tensor, within 0.1..1", rates: grid(exponents),
        needsWorkers: true, factory)
    }
    return [
      entry("vr-sgd", "VR-SGD", "SGD", -3...0) { VarianceReduced(SGD()) },
      entry("vr-momentum", "VR-Momentum", "momentum", -4 ... -1) { VarianceReduced(Momentum()) },
      entry("vr-adam", "VR-Adam", "Adam", -4 ... -1) { VarianceReduced(Adam(), smoothing: 0.9) },
      entry("vr-lars", "VR-LARS", "LARS", -1...2) { VarianceReduced(LARS()) },
      entry("vr-lamb", "VR-LAMB", "LAMB", -4 ... -1) { VarianceReduced(LAMB(), smoothing: 0.9) },
    ]
  }

  static var wrapped: [OptimizerEntry] {
    [
      OptimizerEntry(
        "clipped-sgd", "Clipped SGD", source: "Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063",
        formula: "theta -= eta g min(1, c / ||g||)", rates: grid(-3...0)
      ) { SGD().preceded(by: ClipByNorm(1)) },
      OptimizerEntry(
        "coordinate-clipped-sgd", "Coordinate-clipped SGD", source: "Pan and Li 2023, arXiv 2306.00204, Algorithm 1",
        formula: "theta -= eta sign(g) min(|g|, quantile(|g|, 1 - r))", rates: grid(-3...0)
      ) { SGD().preceded(by: ClipCoordinates(fraction: 0.1)) },
      OptimizerEntry(
        "autoclip-adam", "AutoClip Adam", source: "Seetharaman et al. 2020, arXiv 2007.14469, Algorithm 1",
        formula: "Adam of g min(1, c / ||g||), c the p-th percentile of all norms so far", rates: grid(-4 ... -1)
      ) { Adam().preceded(by: AutoClip()) },
      OptimizerEntry(
        "noisy-sgd", "Noisy SGD", source: "Neelakantan et al. 2015, arXiv 1511.06807, Equation 1",
        formula: "theta -= eta (g + N(0, s / (1 + t)^gamma))", rates: grid(-3...0)
      ) { SGD().preceded(by: GradientNoise()) },
    ]
  }
}
