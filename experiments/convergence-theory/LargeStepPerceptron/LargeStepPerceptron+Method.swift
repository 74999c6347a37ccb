import Tensors

/// Samples a_i with labels y_i = ±1, folded into z_i = y_i a_i: a sample is classified when its margin z_i · theta is positive.
package struct SignedSamples: Sendable {
  /// z, [distinct samples, features].
  package let z: Tensor<Double>
  /// How many equal copies each row stands for, [distinct samples].
  package let copies: Tensor<Double>

  /// The number of samples, n.
  package var count: Double { copies.sum().scalar }

  package init(z: Tensor<Double>, copies: Tensor<Double>? = nil) {
    self.z = z
    self.copies = copies ?? .full([z.shape[0]], 1)
  }

  /// Unit vectors of which none is nearer than `margin` to the plane that labels them.
  package static func random(count: Int, features: Int, margin: Double, key: Key) -> SignedSamples {
    let normal = Tensor<Double>.unitVectors([features], key: key.named("normal"))
    var rows: [Tensor<Double>] = []
    var draw = 0
    while rows.count < count {
      let candidates = Tensor<Double>.unitVectors([count, features], key: key.named("samples")[draw])
      let heights = matmul(candidates, normal)
      for i in 0..<count where rows.count < count && abs(heights[i]) > margin {
        rows.append(heights[i] > 0 ? candidates.row(i) : -candidates.row(i))
      }
      draw += 1
    }
    return SignedSamples(z: .stack(rows))
  }

  /// n - 1 copies of (1, 0) and one (-0.5, 0.1), all of the same class: the one that is left over moves theta by 1/n only.
  package static func hard(count: Int) -> SignedSamples {
    SignedSamples(z: Tensor(shape: [2, 2], [1, 0, -0.5, 0.1]), copies: Tensor([Double(count - 1), 1]))
  }

  /// R²/rho² of ``hard(count:)``: the widest margin rho is at the unit vector with u_1 = -u_1/2 + u_2/10, which is (1, 15)/sqrt(226).
  package static let hardBound = 226.0
}

/// Where theta stands, and how it got there.
package struct Descent: Codable {
  package var theta: Tensor<Double>
  /// Updates made: the iterations to solve, once it is solved.
  package var updates = 0
  package var isSolved = false

  /// theta_0 = 0
  package init(features: Int) { theta = .zeros([features]) }

  /// One iteration, or none when every margin is positive.
  package mutating func step(_ rule: UpdateRule, gamma: Double, on samples: SignedSamples) {
    let margins = matmul(samples.z, theta)
    if updates > 0, margins.min().scalar > 0 {
      isSolved = true
    } else {
      update(rule, gamma: gamma, on: samples, margins: margins)
    }
  }

  /// theta <- theta + gamma (sum_i s_i z_i) / D, with D = n, or sum_i s_i for the normalized rules.
  package mutating func update(_ rule: UpdateRule, gamma: Double, on samples: SignedSamples, margins: Tensor<Double>) {
    let s = samples.copies * rule.weights(of: margins)
    let divisor = rule.isNormalized ? s.sum().scalar : samples.count
    theta += (gamma / divisor) * matmul(samples.z, s, transposeA: true)
    updates += 1
  }

  /// mean_i log(1 + exp(-m_i)), without overflow.
  package func loss(on samples: SignedSamples) -> Double {
    (samples.copies * (-matmul(samples.z, theta)).softplus()).sum().scalar / samples.count
  }

  /// How many samples have a margin that is not positive.
  package func misclassified(on samples: SignedSamples) -> Double {
    samples.copies.dot((.!(matmul(samples.z, theta) .> 0)).converted(to: Double.self)).scalar
  }
}

/// How much each sample pulls, as a function of its margin, and what the sum of the pulls is divided by.
package enum UpdateRule: String, Sendable, CaseIterable {
  /// LR+GD: gradient descent on the mean logistic loss.
  case logistic = "LR"
  /// Normalized LR+GD: divided by the sum of the weights instead of n.
  case normalizedLogistic = "NLR"
  /// The limit of LR+GD for gamma -> infinity, for theta/gamma.
  case batchPerceptron = "batch perceptron"
  /// The limit of normalized LR+GD: the mean over the misclassified samples.
  case averagedPerceptron = "averaged perceptron"

  var isNormalized: Bool { self == .normalizedLogistic || self == .averagedPerceptron }

  func weights(of margins: Tensor<Double>) -> Tensor<Double> {
    switch self {
    case .logistic, .normalizedLogistic: (-margins).sigmoid()
    // 1 for a negative margin, 1/2 for 0.
    case .batchPerceptron, .averagedPerceptron: (1 - margins.sign()) / 2
    }
  }
}
