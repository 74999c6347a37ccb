import Optimizers
import Tensors
import Transforms

extension SignDescentStages {
  /// n samples of two patches: the signal x_1 = y mu, with mu along the first coordinate, and the noise x_2 = xi on s of the others.
  package struct Samples: TensorTree, Codable {
    /// y, of both classes alike, [n].
    package var labels: Tensor<Double>
    /// xi, [n, d].
    package var noise: Tensor<Double>
    /// ||mu||.
    package var signal: Double
    /// Products of the noise with the layer's rows on coordinates that were left out, [n, 2 m_k + 1].
    package var rest: Tensor<Double>

    package init(_ count: Int, deviation: Double, settings: Settings, key: Key) {
      let (d, s) = (settings.dimension, settings.noiseCoordinates)
      labels = Tensor((0..<count).map { $0 % 2 == 0 ? 1 : -1 })
      let entries = Tensor<Double>.normal([count, s], standardDeviation: deviation, key: key.named("entries"))
      var rows = [Double](repeating: 0, count: count * d)
      for i in 0..<count {
        for (k, place) in key.named("coordinates")[i].permutation(d - 1).prefix(s).enumerated() {
          rows[i * d + 1 + place] = entries[i, k]
        }
      }
      noise = Tensor(shape: [count, d], rows)
      signal = settings.signal
      rest = .zeros(count, 2 * settings.keyNeurons + 1)
    }

    /// The samples on the `kept` coordinates alone, for a layer that never moves the other ones.
    func confined(to kept: [Int], without others: [Int], _ layer: Layer) -> Samples {
      let part = { (x: Tensor<Double>, places: [Int]) in x.gather(Tensor(places.map(Int32.init)), axis: 1) }
      var samples = self
      samples.noise = part(noise, kept)
      if !others.isEmpty { samples.rest = rest + matmul(part(noise, others), part(layer.rows, others), transposeB: true) }
      return samples
    }
  }

  /// A layer at its start, what it is trained on, and what it is tested on.
  package struct Case: TensorTree, Codable {
    package var layer: Layer
    package var train, test: Samples

    package init(layer: Layer, train: Samples, test: Samples) { (self.layer, self.train, self.test) = (layer, train, test) }

    /// The same case on fewer coordinates: the signal's, all that a training sample uses, and further ones until there are `count`. The
    /// gradients of the coordinates that are left out are 0, so that no method moves them (sign(0) = 0), and what they contribute to the
    /// answers on test samples is constant.
    package func confined(to count: Int) -> Case {
      let d = train.noise.shape[1]
      let isUsed = train.noise.abs().sum(0).scalars.map { $0 > 0 }
      let used = [0] + (1..<d).filter { isUsed[$0] }
      let unused = (1..<d).filter { !isUsed[$0] }
      let further = max(0, min(d, count) - used.count)
      let (kept, others) = (used + unused.prefix(further), Array(unused.dropFirst(further)))
      let places = Tensor(kept.map(Int32.init))
      var confined = layer
      confined.query = layer.query.gather(places, axis: 1)
      confined.key = layer.key.gather(places, axis: 1)
      confined.value = layer.value.gather(places, axis: 2)
      return Case(
        layer: confined, train: train.confined(to: kept, without: others, layer),
        test: test.confined(to: kept, without: others, layer))
    }
  }

  /// One layer of softmax attention with two fixed heads, F_1 - F_-1.
  package struct Layer: TensorTree, Codable {
    /// W_Q and W_K, [m_k, d].
    package var query, key: Tensor<Double>
    /// W_V,1 and W_V,-1, [2, m_v, d].
    package var value: Tensor<Double>
    /// Whether the softmax is there: without it every attention weight is 1/2.
    package var attends: Bool

    package init(attends: Bool, settings: Settings, key rng: Key) {
      let (d, scale) = (settings.dimension, settings.initialScale)
      query = .normal([settings.keyNeurons, d], standardDeviation: scale, key: rng.named("W_Q"))
      key = .normal([settings.keyNeurons, d], standardDeviation: scale, key: rng.named("W_K"))
      value = .normal([2, settings.valueNeurons, d], standardDeviation: scale, key: rng.named("W_V"))
      self.attends = attends
    }

    /// W_Q, W_K and the mean v over neurons of W_V,1 - W_V,-1: all that samples are multiplied with, [2 m_k + 1, d].
    var rows: Tensor<Double> {
      let means = value.mean(1)
      return .concatenate([query, key, (means.slice(0) - means.slice(1)).expandingDimensions(0)])
    }

    /// What the layer makes of n samples.
    package struct Pass {
      /// <w_Q,r, x_l> and <w_K,r, x_l>, [n, 2, m_k].
      package var queries, keys: Tensor<Double>
      /// <v, x_l>, [n, 2].
      package var values: Tensor<Double>
      /// What the patch of the second axis gives to that of the third, [n, 2, 2].
      package var attention: Tensor<Double>
      /// y f, [n].
      package var margins: Tensor<Double>
      /// mean ln(1 + exp(-y f)).
      package var loss: Tensor<Double> { (-margins).softplus().mean() }
    }

    /// f = sum_l v^T X softmax(X^T W_K^T W_Q x_l).
    package func callAsFunction(_ samples: Samples) -> Pass {
      let neurons = query.shape[0]
      let rows = rows
      // Of the signal only the first coordinate is not zero.
      let onSignal = (samples.labels * samples.signal).expandingDimensions(1) * rows.slice(All(), 0)
      let onNoise = matmul(samples.noise, rows, transposeB: true) + samples.rest
      let products = Tensor.stack([onSignal, onNoise], axis: 1)
      let queries = products.slice(All(), All(), 0..<neurons)
      let keys = products.slice(All(), All(), neurons..<2 * neurons)
      let values = products.slice(All(), All(), 2 * neurons)
      let scores = matmul(queries, keys, transposeB: true)
      let attention = attends ? scores.softmax() : 0 * scores + 0.5
      let outputs = (attention * values.expandingDimensions(1)).sum(-1, -2)
      return Pass(queries: queries, keys: keys, values: values, attention: attention, margins: samples.labels * outputs)
    }
  }

  /// A layer and what its optimizer remembers.
  package struct Run<Rule: GradientOptimizer>: TensorTree, Codable where Rule.Scalar == Double {
    package var layer: Layer
    package var memory: Rule.State

    package init(_ layer: Layer, _ rule: Rule) {
      self.layer = layer
      memory = rule.initialState(for: layer)
    }

    /// The run after a step on all samples.
    package func stepped(_ rule: Rule, on samples: Samples) -> Run {
      var run = self
      run.layer = rule.updated(layer, gradient: grad { (layer: Layer) in layer(samples).loss }(layer), &run.memory)
      return run
    }
  }

  /// What is traced of a layer as one number, by name, with what it is in words.
  static let measures: [String: String] = [
    "train loss": "logistic loss of the training samples", "test loss": "logistic loss of fresh samples",
    "test accuracy": "share of fresh samples with y f > 0",
    "s11": "attention of the signal patch to itself, mean of the samples",
    "s21": "attention of the noise patch to the signal patch, mean of the samples",
    "alignment": "share of samples and neurons with equal signs of query noise and key noise",
    "value noise": "mean |<v, xi_i>|", "query noise": "mean |<w_Q,r, xi_i>|", "key noise": "mean |<w_K,r, xi_i>|",
    "value signal": "|<v, mu>|", "query signal": "mean |<w_Q,r, mu>|", "key signal": "mean |<w_K,r, mu>|",
  ]

  /// The numbers of ``measures``.
  package static func measure(_ layer: Layer, on data: Case) -> [String: Tensor<Double>] {
    let (train, test) = (layer(data.train), layer(data.test))
    let size = { (products: Tensor<Double>, patch: Int) in products.slice(All(), patch).abs().mean() }
    return [
      "train loss": train.loss, "test loss": test.loss,
      "test accuracy": (test.margins .> 0).converted(to: Double.self).mean(),
      "s11": train.attention.slice(All(), 0, 0).mean(), "s21": train.attention.slice(All(), 1, 0).mean(),
      "alignment": (train.queries.slice(All(), 1) * train.keys.slice(All(), 1) .> 0).converted(to: Double.self).mean(),
      "value noise": size(train.values, 1), "query noise": size(train.queries, 1), "key noise": size(train.keys, 1),
      "value signal": size(train.values, 0), "query signal": size(train.queries, 0), "key signal": size(train.keys, 0),
    ]
  }
}
