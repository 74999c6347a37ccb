import Foundation

/// Reads decimal numbers out of bytes, as fast as a text file can be gone through, each correctly rounded.
///
/// A number of at most 19 digits below 2^53 with a power of ten up to 10^22 is one exact product or quotient (Clinger, "How to read
/// floating point numbers accurately", 1990); the others, a few in a thousand of what programs write, go to the standard library.
struct NumberReader {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Where the next byte is.
  var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The next byte; nil at the end.
  @inline(__always)
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Whether there is nothing more on this line, not counting the carriage return of a line from Windows.
  @inline(__always)
  var isAtLineEnd: Bool {
    guard let next else { return true }
    if next == UInt8(ascii: "\n") { return true }
    return next == UInt8(ascii: "\r") && (position + 1 == bytes.count || bytes[position + 1] == UInt8(ascii: "\n"))
  }

  /// Moves behind blanks and tabs.
  @inline(__always)
  mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == 32 || bytes[position] == 9 { position += 1 }
  }

  /// Moves to the beginning of the next line.
  mutating func skipLine() {
    while position < bytes.count, bytes[position] != 10 { position += 1 }
    position += position < bytes.count ? 1 : 0
  }

  /// The number that begins here, and moves behind it; nil, without a move, when none does. Takes "nan" and "inf" too.
  @inline(__always)
  mutating func number() -> Double? {
    let start = position
    var i = start
    let end = bytes.count
    var isNegative = false
    if i < end, bytes[i] == UInt8(ascii: "-") || bytes[i] == UInt8(ascii: "+") {
      isNegative = bytes[i] == UInt8(ascii: "-")
      i += 1
    }
    var (mantissa, digits, exponent) = (UInt64(0), 0, 0)
    let integerStart = i
    while i < end, bytes[i] &- 48 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(bytes[i] &- 48)
      i += 1
    }
    digits = i - integerStart
    if i < end, bytes[i] == UInt8(ascii: ".") {
      i += 1
      let fractionStart = i
      while i < end, bytes[i] &- 48 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(bytes[i] &- 48)
        i += 1
      }
      digits += i - fractionStart
      exponent = fractionStart - i
    }
    if digits == 0 { return word(isNegative, integerStart) }
    if i < end, bytes[i] | 32 == UInt8(ascii: "e") {
      var j = i + 1
      var isDown = false
      if j < end, bytes[j] == UInt8(ascii: "-") || bytes[j] == UInt8(ascii: "+") {
        isDown = bytes[j] == UInt8(ascii: "-")
        j += 1
      }
      let powerStart = j
      var power = 0
      while j < end, bytes[j] &- 48 < 10 {
        power = min(100_000, power * 10 + Int(bytes[j] &- 48))
        j += 1
      }
      if j > powerStart {
        exponent += isDown ? -power : power
        i = j
      }
    }
    position = i
    // Nineteen digits never overflow the mantissa; leading zeros count as digits, which only costs time.
    if digits <= 19, mantissa < 1 << 53, abs(exponent) <= 22 {
      let value = Double(mantissa)
      let scaled = exponent < 0 ? value / Self.powersOfTen[-exponent] : value * Self.powersOfTen[exponent]
      return isNegative ? -scaled : scaled
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<i]), as: UTF8.self)
    return strtod(text, nil)
  }

  /// "nan", "inf" or "infinity" in any case.
  private mutating func word(_ isNegative: Bool, _ start: Int) -> Double? {
    var end = start
    while end < bytes.count, (bytes[end] | 32) &- UInt8(ascii: "a") < 26 { end += 1 }
    let value: Double
    switch String(decoding: bytes[start..<end], as: UTF8.self).lowercased() {
    case "nan": value = .nan
    case "inf", "infinity": value = .infinity
    default: return nil
    }
    position = end
    return isNegative ? -value : value
  }

  /// All exact.
  private static let powersOfTen: [Double] = (0..<22).reduce(into: [1]) { powers, i in powers.append(powers[i] * 10) }
}
