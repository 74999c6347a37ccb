import Tensors

extension SparseMatrix {
  /// The `count` largest entries of a matrix without negative numbers, row after row; of equals the first. It takes two passes: numbers that
  /// are not negative are ordered like their bits, so a histogram of the leading bits says what is certainly in, and the rest is sorted.
  public static func largestEntries(_ count: Int, of matrix: Tensor<Double>) -> [Entry] {
    guard matrix.rank == 2 else { fatalError("SparseMatrix.largestEntries: of a tensor of shape \(matrix.shape)") }
    let columns = matrix.shape[1]
    return matrix.withUnsafeBufferPointer { numbers in
      guard count < numbers.count else {
        return numbers.indices.map { Entry(row: $0 / columns, column: $0 % columns, value: numbers[$0]) }
      }
      guard count > 0 else { return [] }
      // The exponent and the first two bits behind it.
      let bin = { (value: Double) in Int(value.bitPattern >> 50) }
      var histogram = [Int](repeating: 0, count: 1 << 14)
      for value in numbers {
        guard value >= 0 else { fatalError("SparseMatrix.largestEntries: \(value) is negative or not a number") }
        histogram[bin(value) & 0x3FFF] += 1
      }
      var (above, last) = (0, histogram.count - 1)
      while above + histogram[last] < count {
        above += histogram[last]
        last -= 1
      }
      var chosen: [Int] = []
      var doubtful: [Int] = []
      for i in numbers.indices where bin(numbers[i]) >= last {
        if bin(numbers[i]) > last { chosen.append(i) } else { doubtful.append(i) }
      }
      doubtful.sort { numbers[$0] > numbers[$1] || (numbers[$0] == numbers[$1] && $0 < $1) }
      chosen = (chosen + doubtful.prefix(count - above)).sorted()
      return chosen.map { Entry(row: $0 / columns, column: $0 % columns, value: numbers[$0]) }
    }
  }
}
