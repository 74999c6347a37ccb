import Datasets
import Networks
import Optimizers
import Tensors
import Transforms

extension MazeMultiStepPrediction {
  /// The network of both objectives.
  package typealias Model = Transformer<Float>

  /// The tokens of many routes.
  package struct Routes: TensorTree, Codable {
    /// [routes, cells].
    package var prompts: Tensor<Int32>
    /// [routes, places].
    package var answers: Tensor<Int32>

    package init(_ routes: [MazeRoute], _ tokens: MazeTokens) {
      prompts = Tensor(shape: [routes.count, tokens.cells], routes.flatMap(tokens.prompt))
      answers = Tensor(shape: [routes.count, tokens.cells], routes.flatMap(tokens.answer))
    }

    /// How many.
    package var count: Int { prompts.shape[0] }

    /// Some of them.
    func rows(_ indices: Tensor<Int32>) -> Routes {
      var result = self
      (result.prompts, result.answers) = (prompts.gather(indices), answers.gather(indices))
      return result
    }
  }

  /// What is trained: everything else is the same.
  package enum Objective: String, CaseIterable, Sendable {
    /// Each token of the answer from those before it; the prompt is read in both directions.
    case nextToken = "next token"
    /// Masked tokens of the answer from all others, the share of masked ones drawn uniformly for each sequence.
    case masked = "MLM-U"

    /// The scores of all tokens at each place of the answers, [routes, places, vocabulary]. For `masked`, answers have the mask token
    /// where nothing is known; for `nextToken` the tokens at a place and behind it have no influence on its scores.
    package func scores(_ model: Model, prompts: Tensor<Int32>, answers: Tensor<Int32>) -> Tensor<Float> {
      let places = answers.shape[1]
      switch self {
      case .nextToken:
        // The prompt's last token speaks of the first place; the answer's last token is never read.
        let seen = Tensor.concatenate([prompts, answers.slice(All(), 0..<places - 1)], axis: 1)
        return model(seen, mask: .prefix(prompts.shape[1]), lastPlaces: places)
      case .masked:
        return model(.concatenate([prompts, answers], axis: 1), mask: .full, lastPlaces: places)
      }
    }

    /// The mean cross-entropy of the tokens that are to be predicted: all of the answers, or the masked ones, each masked with
    /// probability u, u ~ U[0, 1] for each route.
    package func loss(_ model: Model, on routes: Routes, _ tokens: MazeTokens, key: Key) -> Tensor<Float> {
      switch self {
      case .nextToken:
        return crossEntropy(scores(model, prompts: routes.prompts, answers: routes.answers), labels: routes.answers)
      case .masked:
        let u = Tensor<Float>.uniform([routes.count, 1], key: key.named("rates"))
        let isMasked = Tensor<Float>.uniform(routes.answers.shape, key: key.named("places")) .< u
        let seen = Tensor<Int32>.where(isMasked, tokens.mask, routes.answers)
        let losses = crossEntropy(
          scores(model, prompts: routes.prompts, answers: seen), labels: routes.answers, reduction: .none)
        let weights = isMasked.converted(to: Float.self)
        return (losses * weights).sum() / maximum(weights.sum(), Tensor(1))
      }
    }
  }

  /// A model on its way.
  package struct Training: TensorTree, Codable {
    package typealias Rule = Scheduled<AdamW<Float>>
    package var model: Model
    package var optimizer: Rule.State

    /// One step of the optimizer.
    package func stepped(
      _ rule: Rule, _ objective: Objective, on routes: Routes, _ tokens: MazeTokens, key: Key
    ) -> Training {
      var result = self
      let gradient = grad { (model: Model) in objective.loss(model, on: routes, tokens, key: key) }(model)
      result.model = rule.updated(model, gradient: gradient, &result.optimizer)
      return result
    }
  }
}

extension MazeMultiStepPrediction.Settings {
  /// Of the network: a prompt and an answer have a token for each cell.
  package func sizes(_ tokens: MazeTokens) -> MazeMultiStepPrediction.Model.Configuration {
    .init(vocabulary: tokens.vocabulary, contextLength: 2 * tokens.cells, width: width, heads: heads, depth: layers)
  }
}
