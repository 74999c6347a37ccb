import Datasets
import Foundation
import Tensors
import Testing
import TransformerDynamics

/// What the two objectives see and are measured by, and how answers are marked.
@Suite struct MazeMultiStepPredictionTests {
  private typealias Paper = MazeMultiStepPrediction

  private static let tokens = MazeTokens(side: 3)
  private static let routes = Key(seed: 2).split(20).map { MazeRoute(depthFirst: 3, key: $0) }
  private static let cells = 9
  private let model: Paper.Model = {
    var settings = Paper.Settings()
    (settings.width, settings.heads, settings.layers) = (8, 2, 2)
    return Paper.Model(settings.sizes(tokens), key: Key(seed: 4))
  }()

  @Test func nextTokensComeFromThoseBefore() {
    let truth = Paper.Routes(Self.routes, Self.tokens)
    let scores = { (answers: Tensor<Int32>) in
      Paper.Objective.nextToken.scores(model, prompts: truth.prompts, answers: answers)
    }
    let (all, changed) = (scores(truth.answers), scores(truth.answers.updating(All(), 4, with: Self.tokens.mask)))
    #expect(all.shape == [20, Self.cells, Self.tokens.vocabulary])
    let difference = (all - changed).abs().max(0, 2).scalars
    #expect(difference[...4].allSatisfy { $0 == 0 } && difference[5...].allSatisfy { $0 > 0 })
    // A masked model sees all places from all places.
    let masked = { Paper.Objective.masked.scores(model, prompts: truth.prompts, answers: $0) }
    let both = masked(truth.answers) - masked(truth.answers.updating(All(), 4, with: Self.tokens.mask))
    #expect(both.abs().max(0, 2).scalars.allSatisfy { $0 > 0 })
  }

  /// Against sums over the single tokens.
  @Test func lossesAreMeansOverWhatIsPredicted() {
    let (truth, key) = (Paper.Routes(Self.routes, Self.tokens), Key(seed: 8))
    let logLoss = { (scores: Tensor<Float>, place: Int) -> Double in
      let row = scores.reshaped(-1, Self.tokens.vocabulary).row(place).scalars.map(Double.init)
      return log(row.reduce(0) { $0 + exp($1) }) - row[Int(truth.answers.scalars[place])]
    }
    let count = truth.answers.count
    let next = Paper.Objective.nextToken.scores(model, prompts: truth.prompts, answers: truth.answers)
    let mean = (0..<count).reduce(0) { $0 + logLoss(next, $1) } / Double(count)
    let nextLoss = Paper.Objective.nextToken.loss(model, on: truth, Self.tokens, key: key).scalar
    #expect(abs(Double(nextLoss) - mean) < 1e-5)

    let u = Tensor<Float>.uniform([20, 1], key: key.named("rates")).scalars
    let draws = Tensor<Float>.uniform([20, Self.cells], key: key.named("places")).scalars
    let masked = (0..<count).filter { draws[$0] < u[$0 / Self.cells] }
    // The rates are uniform: about half of the tokens, and the sequences differ more than coins of one rate would.
    #expect((count / 4..<3 * count / 4).contains(masked.count))
    var seen = truth.answers.scalars
    for place in masked { seen[place] = Self.tokens.mask }
    let scores = Paper.Objective.masked.scores(
      model, prompts: truth.prompts, answers: Tensor(shape: truth.answers.shape, seen))
    let maskedMean = masked.reduce(0) { $0 + logLoss(scores, $1) } / Double(masked.count)
    let maskedLoss = Paper.Objective.masked.loss(model, on: truth, Self.tokens, key: key).scalar
    #expect(abs(Double(maskedLoss) - maskedMean) < 1e-5)
  }

  @Test func answersAreFilledFromLeftToRight() {
    let examination = Paper.Examination(Self.routes, Self.tokens)
    // One more than the token before; a known token is kept and goes on from there.
    let next: Paper.Examination.Predictor = { answers in
      .concatenate([.full([20, 1], 1), answers.slice(All(), 0..<Self.cells - 1) + 1], axis: 1)
    }
    #expect(examination.decoded(next).row(3).scalars == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let known = Tensor<Int32>.full([20, Self.cells], Self.tokens.mask).updating(All(), 4, with: 50)
    #expect(examination.filled(known, next).row(19).scalars == [1, 2, 3, 4, 50, 51, 52, 53, 54])
  }

  @Test func marksOfKnownAnswers() {
    let examination = Paper.Examination(Self.routes, Self.tokens)
    let truth = examination.truth.answers
    let steps = Double(examination.lengths.reduce(0, +))
    for objective in Paper.Objective.allCases {
      let best = examination.report(objective, [0.5, 1], key: Key(seed: 1)) { _ in truth }
      #expect(best.scores.values.allSatisfy { $0 == 1 } && best.scores.count == Paper.Examination.Score.allCases.count)
      #expect(best.infill == [1, 1] && best.decoded == truth)

      // The first step wrong, all else right: the start's own cell is no neighbour of it.
      let starts = Tensor(shape: [20, 1], Self.routes.map { Self.tokens.cell($0.start) })
      let late = examination.report(objective, [1], key: Key(seed: 1)) { _ in
        .concatenate([starts, truth.slice(All(), 1..<Self.cells)], axis: 1)
      }
      #expect(late.scores[.fullPath] == 0 && late.scores[.firstStep] == 0 && late.scores[.openFirstStep] == 0)
      #expect(abs((late.scores[.token] ?? .nan) - (steps - 20) / steps) < 1e-12)
      #expect(late.infill[0] == late.scores[.token] && late.forced[0] == 0 && late.forced[1] == 1)
    }
    // Padding behind the end does not count, the end does.
    let length = Self.routes[0].path.count
    let noise = truth.updating(0..<1, length + 1..<Self.cells, with: Self.tokens.mask)
    #expect(examination.solvedShare(noise) == 1)
    #expect(examination.solvedShare(truth.updating(0, length, with: Self.tokens.mask)) == 0.95)
  }
}
