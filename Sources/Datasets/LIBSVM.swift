import Foundation
import Tensors

/// A data set in the text format of LIBSVM: a line a sample, "target index:value index:value ...", indices from 1 and rising, what is
/// left out being 0, and what follows a # a comment.
public struct LIBSVM<Scalar: RealScalar>: Sendable {
  /// [samples, width], dense.
  public var inputs: Tensor<Scalar>
  /// The first number of each line: a class by whatever number, or the target of a regression: [samples].
  public var targets: Tensor<Scalar>
  /// The file: its name without folders, its samples, its sum.
  public var source: DataSource

  /// Reads a file, plain or gzipped.
  /// - Parameter width: number of inputs; nil takes the largest index in the file. A test set may need the width of its training set.
  /// - Throws: ``DataError`` with the line when the file is missing or wrong.
  public init(file: String, width: Int? = nil) throws {
    let data = try DataFolder.contents(of: file)
    let entries = try data.withUnsafeBytes { raw in
      try SparseRows(file: file, NumberReader(raw.assumingMemoryBound(to: UInt8.self)), width: width)
    }
    let samples = entries.targets.count
    guard samples > 0 else { throw DataError(file: file, problem: "has no samples") }
    let all = width ?? entries.largestIndex
    let (count, overflow) = samples.multipliedReportingOverflow(by: all)
    // A short file can name an index of two thousand million: the width that it claims must be worth its entries.
    let most = width == nil ? max(1 << 24, entries.values.count << 12) : 1 << 32
    guard !overflow, count <= min(most, 1 << 32) else {
      throw DataError(
        file: file,
        problem: "has \(samples) samples of \(all) inputs, \(entries.values.count) of them not 0: too many to be kept dense")
    }
    inputs = Self.dense(entries, all)
    targets = Tensor(rounding: Tensor(entries.targets))
    source = DataSource(name: URL(filePath: file).lastPathComponent, count: samples, sha256: sha256(of: data))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func dense(_ entries: SparseRows, _ width: Int) -> Tensor<Scalar> {
    var result = Tensor<Scalar>.zeros([entries.targets.count, width])
    result.withUnsafeMutableBufferPointer { x in
      for row in entries.targets.indices {
        for i in entries.starts[row]..<entries.starts[row + 1] {
          x[row * width + Int(entries.indices[i]) - 1] = Scalar(entries.values[i])
        }
      }
    }
    return result
  }

  /// The samples as classes: different targets are numbered by their size.
  public func classified() -> LabelledPoints<Scalar> {
    let all = targets.scalars
    let distinct = Set(all).sorted()
    let number = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int32($0)) })
    return LabelledPoints(inputs: inputs, labels: Tensor(all.map { number[$0, default: 0] }), classes: distinct.count)
  }
}

/// The lines of a LIBSVM file: of sample i the entries `starts[i]..<starts[i + 1]`.
private struct SparseRows {
  var targets: [Double] = []
  var starts = [0]
  var indices: [Int32] = []
  var values: [Double] = []
  var largestIndex = 0

  init(file: String, _ text: NumberReader, width: Int?) throws {
    var reader = text
    indices.reserveCapacity(reader.bytes.count / 8)
    values.reserveCapacity(reader.bytes.count / 8)
    var line = 1
    func problem(_ text: String) -> DataError { DataError(file: file, problem: "line \(line) \(text)") }
    while reader.next != nil {
      reader.skipBlanks()
      if !Self.isAtEnd(reader) {
        guard let target = reader.number(), reader.next.map({ $0 <= 32 }) ?? true else {
          throw problem("does not begin with one number, the target")
        }
        targets.append(target)
        var last = 0
        while true {
          reader.skipBlanks()
          if Self.isAtEnd(reader) { break }
          guard let index = reader.number(), reader.next == UInt8(ascii: ":") else {
            throw problem("has something else than index:value after entry \(indices.count - starts[starts.count - 1])")
          }
          reader.position += 1
          guard let value = reader.number(), reader.next.map({ $0 <= 32 }) ?? true else {
            throw problem("has no number as the value of index \(Self.text(index))")
          }
          guard index > Double(last), index <= 0x7FFF_FFFF, index == index.rounded() else {
            throw problem("has index \(Self.text(index)) after \(last): indices are whole, begin with 1 and rise")
          }
          last = Int(index)
          if let width, last > width { throw problem("has index \(last), beyond the width \(width)") }
          indices.append(Int32(last))
          values.append(value)
        }
        largestIndex = max(largestIndex, last)
        starts.append(indices.count)
      }
      reader.skipLine()
      line += 1
    }
  }

  private static func text(_ index: Double) -> String { Int(exactly: index).map(String.init) ?? "\(index)" }

  private static func isAtEnd(_ reader: NumberReader) -> Bool { reader.isAtLineEnd || reader.next == UInt8(ascii: "#") }
}
