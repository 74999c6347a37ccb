import Foundation
import Tensors

/// An array in the IDX format of MNIST: unsigned bytes with up to 255 axes, plain or gzipped.
///
/// Two zero bytes, the type 0x08, the number of axes, then each axis as a big-endian 32-bit number, then the elements.
public struct IDX: Sendable {
  /// Lengths of the axes, slowest first: [10000, 28, 28].
  public var shape: [Int]
  /// The elements in row-major order. A slice: its first index need not be 0.
  public var bytes: Data
  /// Of the unpacked file.
  public var sha256: String

  /// - Throws: ``DataError`` when the file is missing, is no IDX file, or its size does not fit its shape.
  public init(file: String) throws {
    let data = try DataFolder.contents(of: file)
    guard data.count >= 4, data[0] == 0, data[1] == 0, data[3] > 0 else {
      throw DataError(file: file, problem: "is not an IDX file: it should begin with two zero bytes, a type and a number of axes")
    }
    guard data[2] == 0x08 else {
      throw DataError(file: file, problem: "has elements of IDX type \(data[2]), expected 8 (unsigned bytes)")
    }
    let header = 4 + 4 * Int(data[3])
    guard data.count >= header else { throw DataError(file: file, problem: "ends within its header; download it again") }
    let shape = (0..<Int(data[3])).map { axis in data[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) } }
    // A hostile header may name axes whose product overflows.
    let count = shape.reduce(Int?.some(1)) { product, axis in
      product.flatMap { $0.multipliedReportingOverflow(by: axis).overflow ? nil : $0 * axis }
    }
    guard let count, data.count - header == count else {
      let shown = shape.count > 8 ? "of \(shape.count) axes" : "\(shape)"
      throw DataError(
        file: file,
        problem: "has \(data.count - header) bytes of data, its shape \(shown) needs another number; download it again")
    }
    self.shape = shape
    bytes = data[header...]
    sha256 = Datasets.sha256(of: data)
  }
}

/// The test set of MNIST, if the user has put it into the data folder as mnist/t10k-images-idx3-ubyte and ...-labels-idx1-ubyte.
public enum MNIST {
  /// How results files name this data set.
  public static let name = "mnist-test"

  /// The first `count` images of the given classes; nil when the files are not there.
  /// - Throws: ``DataError`` when they are there but wrong.
  public static func testImages(_ count: Int, classes: [Int]) throws -> (images: LabelledImages, sha256: String)? {
    guard let imageFile = DataFolder.file("mnist/t10k-images-idx3-ubyte"),
      let labelFile = DataFolder.file("mnist/t10k-labels-idx1-ubyte")
    else { return nil }
    let images = try IDX(file: imageFile)
    let labels = try IDX(file: labelFile)
    guard images.shape.count == 3, images.shape[1] == images.shape[2], labels.shape == [images.shape[0]] else {
      throw DataError(
        file: imageFile, problem: "has shape \(images.shape), its labels \(labels.shape): they do not belong together")
    }
    let size = images.shape[1] * images.shape[2]
    let chosen = Array(labels.bytes.enumerated().lazy.filter { classes.contains(Int($1)) }.map(\.offset).prefix(count))
    let start = images.bytes.startIndex
    let pixels = chosen.flatMap { i in images.bytes[(start + i * size)..<(start + (i + 1) * size)].map { Double($0) / 255 } }
    let kept = chosen.map { Int(labels.bytes[labels.bytes.startIndex + $0]) }
    return (
      LabelledImages(pixels: Tensor(shape: [chosen.count, size], pixels), labels: kept, side: images.shape[1]), images.sha256
    )
  }
}
