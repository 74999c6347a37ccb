// Adam and its relatives; m and v are the running means of g and g^2, mHat and vHat without bias.
extension OptimizerCatalog {
  static var adaptive: [OptimizerEntry] { corrected + modulated }

  private static var corrected: [OptimizerEntry] {
    [
      OptimizerEntry(
        "adam", "Adam", source: "Kingma and Ba 2014, arXiv 1412.6980, Algorithm 1",
        formula:
          "m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; theta -= eta (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)",
        rates: grid(-4 ... -1)
      ) { Adam() },
      OptimizerEntry(
        "adamw", "AdamW", source: "Loshchilov and Hutter 2017, arXiv 1711.05101, Algorithm 2",
        formula: "theta -= eta (mHat / (sqrt(vHat) + epsilon) + lambda theta)", rates: grid(-4 ... -1)
      ) { AdamW<Double>() },
      OptimizerEntry(
        "amsgrad", "AMSGrad", source: "Reddi, Kale and Kumar 2018, arXiv 1904.09237, Algorithm 2",
        formula: "u = max(u, v); theta -= eta m / (sqrt(u) + epsilon)", rates: grid(-4 ... -1)
      ) { AMSGrad() },
      OptimizerEntry(
        "adamax", "Adamax", source: "Kingma and Ba 2014, arXiv 1412.6980, Algorithm 2",
        formula: "u = max(b2 u, |g| + epsilon); theta -= eta / (1 - b1^t) m / u", rates: grid(-4 ... -1)
      ) { Adamax() },
      OptimizerEntry(
        "nadam", "NAdam", source: "Dozat 2016, ICLR workshop, Algorithm 2",
        formula: "theta -= eta (mu' mHat' + (1 - mu) gHat) / (sqrt(vHat) + epsilon), mu = b1 (1 - 0.96^(psi t) / 2)",
        rates: grid(-4 ... -1)
      ) { NAdam() },
      OptimizerEntry(
        "adabelief", "AdaBelief", source: "Zhuang et al. 2020, arXiv 2010.07468, Algorithm 2",
        formula: "s = b2 s + (1 - b2) (g - m)^2 + epsilon; theta -= eta mHat / (sqrt(sHat) + epsilon)", rates: grid(-4 ... -1)
      ) { AdaBelief() },
      OptimizerEntry(
        "adan", "Adan", source: "Xie et al. 2022, arXiv 2208.06677, official code",
        formula:
          "d = b2 d + (1 - b2) (g - p); n = b3 n + (1 - b3) (g + b2 (g - p))^2; theta -= eta (mHat + b2 dHat) / (sqrt(nHat) + epsilon)",
        rates: grid(-3...0)
      ) { Adan() },
      OptimizerEntry(
        "fadam", "FAdam", source: "Hwang 2024, arXiv 2405.12807, Algorithm 1",
        formula:
          "n = clip(g / (sqrt(vHat) + e)); m = b1 m + (1 - b1) n; theta -= eta (m + lambda clip(theta / (sqrt(vHat) + e)))",
        rates: grid(-4 ... -1)
      ) { FAdam() },
    ]
  }

  private static var modulated: [OptimizerEntry] {
    [
      OptimizerEntry(
        "diffgrad", "diffGrad", source: "Dubey et al. 2019, arXiv 1909.11015",
        formula: "theta -= eta sqrt(1 - b2^t) / (1 - b1^t) sigmoid(|p - g|) m / (sqrt(v) + epsilon)", rates: grid(-4 ... -1)
      ) { DiffGrad() },
      OptimizerEntry(
        "grams", "Grams", source: "Cao, Li and Song 2024, arXiv 2412.17107, official code",
        formula: "theta -= eta sqrt(1 - b2^t) / (1 - b1^t) sign(g) |m| / (sqrt(v) + epsilon)", rates: grid(-4 ... -1)
      ) { Grams() },
      OptimizerEntry(
        "cautious-adam", "Cautious Adam", source: "Liang et al. 2024, arXiv 2411.16085, Algorithm 1",
        formula: "u = mHat / (sqrt(vHat) + epsilon); theta -= eta u (u g > 0) / mean(u g > 0)", rates: grid(-4 ... -1)
      ) { Adam().cautious() },
      OptimizerEntry(
        "superpositional", "Superpositional GD", source: "Pamuk, Ozdemir and Kocabay 2025, arXiv 2511.01918",
        formula: "theta -= eta (m / sqrt(v + epsilon) + lambda sin(pi theta) g), the last in n coordinates",
        rates: grid(-4 ... -1)
      ) { SuperpositionalGradient() },
    ]
  }
}
