import CCrypto
import Foundation

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
public func sha256(of data: Data) -> String {
  var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
  var length = 0
  let isDone = data.withUnsafeBytes { EVP_Q_digest(nil, "SHA256", nil, $0.baseAddress, $0.count, &digest, &length) }
  guard isDone == 1 else { fatalError("SHA-256 is missing from libcrypto") }
  return digest.prefix(length).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
