import Datasets
import Diagnostics
import Tensors

extension MazeMultiStepPrediction {
  /// Held-out mazes, and what a model makes of them.
  package struct Examination {
    /// A trained model: the likeliest token at every place of answers, [mazes, places], that are known in part.
    package typealias Predictor = (Tensor<Int32>) -> Tensor<Int32>

    /// What is asked.
    package enum Score: String, CaseIterable {
      /// Whether all cells of the decoded path are right, and the end behind them.
      case fullPath = "full path"
      /// Whether the first cell is.
      case firstStep = "first step"
      /// Whether it can be reached from the start.
      case openFirstStep = "open first step"
      /// How many of a path's cells are right when the true ones before each are known.
      case token
      /// Whether the last cell of a path's first half is right when its second half is known, which next-token training cannot use.
      case beforeSuffix = "before the suffix"
    }

    /// The marks of one model.
    package struct Report {
      package var scores: [Score: Double]
      /// Share of the masked cells that are right, for each share of masked ones.
      package var infill: [Double]
      /// Share of the mazes that are solved, for paths of 1, 2, ... steps.
      package var solved: [Double]
      /// Share of the first, second, ... cells that are right when the true ones before them are known.
      package var forced: [Double]
      /// The decoded answers, [mazes, places].
      package var decoded: Tensor<Int32>
    }

    package let tokens: MazeTokens
    package let routes: [MazeRoute]
    package let truth: Routes
    private let answers: [Int32]

    package init(_ routes: [MazeRoute], _ tokens: MazeTokens) {
      (self.routes, self.tokens) = (routes, tokens)
      truth = Routes(routes, tokens)
      answers = truth.answers.scalars
    }

    /// Steps of the paths.
    package var lengths: [Int] { routes.map(\.path.count) }

    // MARK: Answers

    /// Greedy decoding, from left to right, of answers of which nothing is known.
    package func decoded(_ best: Predictor) -> Tensor<Int32> {
      filled(.full(truth.answers.shape, tokens.mask), best)
    }

    /// Mask tokens replaced from left to right, each by the likeliest token there given what then stands.
    package func filled(_ known: Tensor<Int32>, _ best: Predictor) -> Tensor<Int32> {
      (0..<tokens.cells).reduce(known) { answers, i in
        let (column, guess) = (answers.slice(All(), i..<i + 1), best(answers).slice(All(), i..<i + 1))
        return answers.updating(All(), i..<i + 1, with: Tensor.where(column .== tokens.mask, guess, column))
      }
    }

    /// At each place the likeliest token when the true ones before it, and no others, are known.
    package func forced(_ objective: Objective, _ best: Predictor) -> Tensor<Int32> {
      switch objective {
      case .nextToken: best(truth.answers)
      case .masked:
        .concatenate(
          (0..<tokens.cells).map { i in
            best(truth.answers.updating(All(), i..<tokens.cells, with: tokens.mask)).slice(All(), i..<i + 1)
          }, axis: 1)
      }
    }

    /// The masked tokens of true answers: all at once from everything that is known, or, where what follows is not seen, from left to
    /// right.
    private func infilled(_ objective: Objective, _ isMasked: Tensor<Bool>, _ best: Predictor) -> Tensor<Int32> {
      let known = Tensor.where(isMasked, tokens.mask, truth.answers)
      return objective == .masked ? best(known) : filled(known, best)
    }

    // MARK: Marks

    /// The share of the mazes in which all cells of the path are right, and the end behind them.
    package func solvedShare(_ answers: Tensor<Int32>) -> Double { mean(isSolved(answers).map { $0 ? 1 : 0 }) }

    private func isSolved(_ answers: Tensor<Int32>) -> [Bool] {
      let (given, cells) = (answers.scalars, tokens.cells)
      return routes.indices.map { maze in
        let places = maze * cells...maze * cells + routes[maze].path.count
        return given[places] == self.answers[places]
      }
    }

    /// The share of the cells of paths, the padding left out, that are right, among those at (maze, place) that are asked for.
    package func accuracy(_ answers: Tensor<Int32>, where isAsked: (Int, Int) -> Bool) -> Double {
      let (given, cells) = (answers.scalars, tokens.cells)
      let marks = routes.indices.flatMap { maze in
        routes[maze].path.indices.filter { isAsked(maze, $0) }.map { place in
          given[maze * cells + place] == self.answers[maze * cells + place] ? 1.0 : 0
        }
      }
      return marks.isEmpty ? .nan : mean(marks)
    }

    /// Everything that is asked of a model.
    /// - Parameter key: of the masks, of which a larger share holds the smaller ones.
    package func report(_ objective: Objective, _ fractions: [Double], key: Key, _ best: Predictor) -> Report {
      let (cells, shape) = (tokens.cells, truth.answers.shape)
      let decoded = decoded(best)
      let forced = forced(objective, best)

      let ranks = Tensor<Double>.uniform(shape, key: key)
      let infill = fractions.map { fraction in
        let isMasked = ranks .< fraction
        let places = isMasked.scalars
        return accuracy(infilled(objective, isMasked, best)) { places[$0 * cells + $1] }
      }

      // The first half of a path is hidden, rounded down, and its last cell is asked for. Left to right that is the decoded one.
      let halves = lengths.map { $0 / 2 }
      let isHidden = Tensor<Bool>(shape: shape, halves.flatMap { half in (0..<cells).map { $0 < half } })
      let beforeSuffix = objective == .masked ? infilled(objective, isHidden, best) : decoded

      let (first, solved) = (decoded.slice(All(), 0).scalars, isSolved(decoded))
      let isOpen = zip(routes, first).map { route, token in
        route.maze.neighbours(of: route.start).contains { tokens.cell($0) == token } ? 1.0 : 0
      }
      return Report(
        scores: [
          .fullPath: solvedShare(decoded), .firstStep: accuracy(decoded) { $1 == 0 }, .openFirstStep: mean(isOpen),
          .token: accuracy(forced) { _, _ in true }, .beforeSuffix: accuracy(beforeSuffix) { $1 == halves[$0] - 1 },
        ],
        infill: infill,
        solved: (1..<cells).map { length in
          let marks = zip(lengths, solved).filter { $0.0 == length }.map { $0.1 ? 1.0 : 0 }
          return marks.isEmpty ? .nan : mean(marks)
        },
        forced: (0..<cells).map { place in accuracy(forced) { $1 == place } },
        decoded: decoded)
    }
  }
}
