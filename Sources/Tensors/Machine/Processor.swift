import COpenBLAS
import Foundation

/// The processor and the BLAS under this process, for `offprint doctor`, the provenance of a run, and cache lines in figures.
public enum Processor {
  /// Vector extensions by width.
  public enum VectorExtension: String, Sendable, Codable {
    case avx512 = "AVX-512"
    case avx2 = "AVX2"
    case sse = "SSE"
    case neon = "NEON"
    case none
  }

  /// Name of the processor, as in /proc/cpuinfo; the machine's architecture where that file does not say.
  public static let model: String = field("model name") ?? architecture

  /// Vendor, family and model number ("AuthenticAMD 26 2"): equal families promise equal bits.
  public static let family: String = {
    let parts = ["vendor_id", "cpu family", "model"].compactMap(field)
    return parts.isEmpty ? architecture : parts.joined(separator: " ")
  }()

  /// The widest vector extension of the processor.
  public static let vectorExtension: VectorExtension = {
    let flags = Set((field("flags") ?? field("Features") ?? "").split(separator: " "))
    if flags.contains("avx512f") { return .avx512 }
    if flags.contains("avx2") { return .avx2 }
    if flags.contains("sse2") { return .sse }
    return flags.contains("asimd") || architecture.hasPrefix("arm64") ? .neon : .none
  }()

  /// Capacity in bytes of one data (or unified) cache of level 1, 2 or 3; nil if there is none or the system does not say.
  public static func cacheSize(level: Int) -> Int? {
    cacheSizes[level] ?? configuredCacheSize(level: level)
  }

  private static let cacheSizes: [Int: Int] = {
    let root = "/sys/devices/system/cpu/cpu0/cache"
    var sizes: [Int: Int] = [:]
    for index in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] where index.hasPrefix("index") {
      guard let level = read("\(root)/\(index)/level").flatMap(Int.init), let size = read("\(root)/\(index)/size"),
        read("\(root)/\(index)/type") != "Instruction"
      else { continue }
      sizes[level] = bytes(size)
    }
    return sizes
  }()

  /// "48K" is 49152.
  private static func bytes(_ text: String) -> Int? {
    let factor =
      switch text.last {
      case "K": 1 << 10
      case "M": 1 << 20
      case "G": 1 << 30
      default: 1
      }
    return Int(text.prefix { $0.isNumber }).map { $0 * factor }
  }

  private static func configuredCacheSize(level: Int) -> Int? {
    #if os(Linux)
      let names = [1: _SC_LEVEL1_DCACHE_SIZE, 2: _SC_LEVEL2_CACHE_SIZE, 3: _SC_LEVEL3_CACHE_SIZE]
      guard let name = names[level] else { return nil }
      let size = sysconf(Int32(name))
      return size > 0 ? size : nil
    #else
      return nil
    #endif
  }

  private static let architecture: String = {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }()

  private static let cpuinfo = read("/proc/cpuinfo") ?? ""

  /// First value of a field in /proc/cpuinfo.
  private static func field(_ name: String) -> String? {
    for line in cpuinfo.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].trimmingCharacters(in: .whitespaces) == name else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static func read(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
