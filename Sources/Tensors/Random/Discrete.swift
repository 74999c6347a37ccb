// Random choices: bits, signs, integers, classes.

extension Tensor where Scalar: RealScalar {
  /// 1 with the given probability, else 0, independently: 1 where the p of draw i is below `probability`.
  public static func bernoulli(_ shape: [Int], probability: Scalar, key: Key) -> Tensor {
    draw(.bernoulli(probability: Double(probability)), shape, key)
  }

  /// 1 with the probability at the same place of `probabilities`, else 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func bernoulli(probabilities: Tensor, key: Key) -> Tensor {
    let shape = probabilities.shape
    if key.unknown != nil || probabilities.isTraced {
      let cells = Tensor<Double>.draw(.centredCell, shape, key)
      return (cells .< probabilities.converted(to: Double.self) - 0.5).converted(to: Scalar.self)
    }
    return probabilities.withUnsafeBufferPointer { probabilities in
      let thresholds = Shared(probabilities)
      return filled(shape) { range, target in
        key.forEachDraw(range) { i, bits in
          let isChosen = centredCell(bits) < Double(thresholds.value[i]) - 0.5
          (target + (i - range.lowerBound)).initialize(to: isChosen ? 1 : 0)
        }
      }
    }
  }

  /// Independent signs, 1 or -1 with even odds: from the leading bit of draw i.
  public static func rademacher(_ shape: [Int], key: Key) -> Tensor { draw(.rademacher, shape, key) }
}

extension Tensor<Int32> {
  /// 1 with the given probability, else 0: the same choices as the ``bernoulli(_:probability:key:)`` of the key in Double.
  public static func bernoulli(_ shape: [Int], probability: Double, key: Key) -> Tensor {
    draw(.bernoulli(probability: probability), shape, key)
  }

  /// Independent integers, every one in `range` equally likely up to a share of 2^-32: the upper half of the product of draw i with
  /// the number of integers.
  public static func integers(_ shape: [Int], in range: Range<Int32>, key: Key) -> Tensor {
    guard !range.isEmpty else { fatalError("Tensor.integers: no integers in \(range)") }
    return draw(.integers(range), shape, key)
  }

  /// Independent classes: class k of a row of `logits`, [..., classes], with probability softmax(logits)_k. The result has the other
  /// axes, [...].
  ///
  /// The largest of logit plus Gumbel number, in Double, the first one if two are equal. -infinity is a class that is never chosen;
  /// a row that has a NaN or no other logits than -infinity gives -1.
  @specialized(where Real == Float)
  @specialized(where Real == Double)
  public static func categorical<Real: RealScalar>(logits: Tensor<Real>, key: Key) -> Tensor {
    guard let classes = logits.shape.last, classes > 0 else {
      fatalError("Tensor.categorical: logits of shape \(logits.shape) have no last axis of classes")
    }
    let noise = Tensor<Double>.gumbel(logits.shape, key: key)
    if noise.isTraced || logits.isTraced {
      let scores = logits.converted(to: Double.self) + noise
      let largest = scores.max(-1)
      return .where((largest .!= largest) .| (largest .== -.infinity), -1, scores.argmax())
    }
    let rows = Array(logits.shape.dropLast())
    return filled(rows) { range, target in
      logits.withUnsafeBufferPointer { logits in
        noise.withUnsafeBufferPointer { noise in
          for row in range {
            var (best, largest) = (-1, -Double.infinity)
            for k in 0..<classes {
              let score = Double(logits[row * classes + k]) + noise[row * classes + k]
              if score > largest { (best, largest) = (k, score) }
              if score.isNaN { (best, largest) = (-1, .infinity) }
            }
            (target + (row - range.lowerBound)).initialize(to: Int32(best))
          }
        }
      }
    }
  }
}
