// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Every folder of experiments/ is a topic and becomes one module: adding a topic is adding a folder.
// "low-rank-recovery" is the module LowRankRecovery.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
let topics = try FileManager.default.contentsOfDirectory(atPath: "\(root)/experiments")
  .filter { topic in
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: "\(root)/experiments/\(topic)", isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
  .sorted()
func moduleName(ofTopic topic: String) -> String { topic.split(separator: "-").map(\.capitalized).joined() }
let topicModules: [Target.Dependency] = topics.map { .init(stringLiteral: moduleName(ofTopic: $0)) }

// Kernels are Swift SIMD, compiled for the machine that runs them. Only Tensors drops the overflow and bounds checks of its inner
// loops: everything above it keeps them, in release too.
// Without -fno-math-errno every square root below a loop is a call, since C lets sqrt set errno.
let native: SwiftSetting = .unsafeFlags(["-Xcc", "-march=native", "-Xcc", "-fno-math-errno"])
let checked: [SwiftSetting] = [native, .swiftLanguageMode(.v6)]
let unchecked: [SwiftSetting] = [native, .swiftLanguageMode(.v6), .unsafeFlags(["-Ounchecked"], .when(configuration: .release))]

let numerics: Target.Dependency = .product(name: "ComplexModule", package: "swift-numerics")
let real: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "offprint",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "offprint", targets: ["offprint"]),
    .library(name: "Tensors", targets: ["Tensors"]),  // For bench/xnnpack.
    .library(name: "Datasets", targets: ["Datasets", "Tensors"]),  // For fuzz.
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // C libraries.
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3", providers: [.apt(["libfftw3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "CGnuplotStream",
      linkerSettings: [.linkedLibrary("boost_iostreams"), .linkedLibrary("boost_filesystem"), .linkedLibrary("boost_system")]),
    // fork, for reading foreign files in a child.
    .target(name: "CChild"),
    // LEMON is headers alone here: Debian's liblemon-dev.
    .target(name: "CNetworkSimplex"),

    // The library, floor by floor.
    .target(name: "Tensors", dependencies: ["COpenBLAS", "CFFTW", numerics, real], swiftSettings: unchecked),
    .target(name: "Transforms", dependencies: ["Tensors"], swiftSettings: checked),
    .target(name: "Optimizers", dependencies: ["Tensors", "Transforms"], swiftSettings: checked),
    .target(name: "Networks", dependencies: ["Tensors", "Transforms"], swiftSettings: checked),
    .target(
      name: "Problems", dependencies: ["Tensors", "Transforms", "Networks", "Datasets"], swiftSettings: checked),
    .target(name: "Solvers", dependencies: ["Tensors", "Transforms", real], swiftSettings: checked),
    .target(name: "Transport", dependencies: ["Tensors", "Transforms", "CNetworkSimplex"], swiftSettings: checked),
    .target(name: "Lenses", dependencies: ["Tensors", "Transforms"], swiftSettings: checked),
    .target(name: "Datasets", dependencies: ["Tensors", "CZlib", "CCrypto"], swiftSettings: checked),
    .target(name: "HDF5", dependencies: ["CHDF5", numerics], swiftSettings: checked),
    .target(name: "Plotting", dependencies: ["CGnuplotStream"], swiftSettings: checked),
    .target(name: "Diagnostics", dependencies: ["Tensors"], swiftSettings: checked),
    .target(
      name: "Notebook",
      dependencies: ["Tensors", "Datasets", "Diagnostics", "HDF5", "Plotting", "CFFTW", "CNetworkSimplex", logging],
      swiftSettings: checked),
    .target(
      name: "Training",
      dependencies: [
        "Tensors", "Transforms", "Networks", "Solvers", "Optimizers", "Problems", "Notebook", "Diagnostics", "Plotting",
      ],
      swiftSettings: checked),

    .target(
      name: "Report", dependencies: ["Notebook", "Plotting", "Optimizers", mustache],
      resources: [
        .embedInCode("Templates/page.mustache"), .embedInCode("Templates/gallery.mustache"),
        .embedInCode("Templates/paper.mustache"), .embedInCode("Templates/library.mustache"),
        .embedInCode("Templates/style.css"), .embedInCode("Templates/report.js"),
      ],
      swiftSettings: checked),

    .target(
      name: "Sweeps", dependencies: ["Notebook", "HDF5", "Plotting", "Diagnostics", "Datasets", "Tensors", yaml],
      swiftSettings: checked),

    // The command line joins the topics: the plugin writes one Swift file that imports them all.
    .plugin(name: "JoinTopics", capability: .buildTool()),
    .executableTarget(
      name: "offprint",
      dependencies: [
        "CChild", "Notebook", "Training", "Report", "Sweeps", "Optimizers", "Problems", "Tensors", arguments, logging,
      ]
        + topicModules,
      swiftSettings: checked,
      plugins: ["JoinTopics"]),
    .executableTarget(
      name: "bench", dependencies: ["Networks", "Optimizers", "Transport", "Transforms", "Tensors"], path: "bench/workloads",
      swiftSettings: checked),
    // What the program survives: killed processes, full disks, hostile files; `make test-faults`.
    .executableTarget(
      name: "faults", dependencies: ["HDF5", "Notebook", "Plotting", "Tensors", "TestSupport", arguments], path: "faults",
      swiftSettings: checked),
    // What several test targets share: scratch folders, taking turns with libhdf5, comparing two results files.
    .target(name: "TestSupport", dependencies: ["HDF5", "Notebook"], path: "Tests/Support", swiftSettings: checked),
    // The command line, run as a user does: it depends on the executable so that it is built.
    .testTarget(name: "OffprintTests", dependencies: ["offprint", "Notebook", "HDF5", "TestSupport"], swiftSettings: checked),
    // Every experiment, whatever its topic: smoke runs, figures, resume.
    .testTarget(
      name: "ExperimentsTests", dependencies: ["Notebook", "HDF5", "Tensors", "Plotting", "TestSupport"] + topicModules,
      swiftSettings: checked, plugins: ["JoinTopics"]),
  ]
    + topics.map { topic in
      .target(
        name: moduleName(ofTopic: topic),
        dependencies: [
          "Notebook", "Tensors", "Transforms", "Networks", "Optimizers", "Problems", "Training", "Solvers",
          "Transport", "Lenses", "Datasets", "Diagnostics", "Plotting",
        ],
        path: "experiments/\(topic)",
        swiftSettings: checked)
    }
    // A library or a topic has a test target as soon as it has a folder in Tests/.
    + ([
      "Tensors", "Transforms", "Networks", "Optimizers", "Problems", "Training", "Solvers", "Transport", "Lenses",
      "Datasets", "Diagnostics", "HDF5", "Plotting", "Notebook", "Report", "Sweeps",
    ]
    + topics.map(moduleName(ofTopic:)))
    .filter { (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/Tests/\($0)Tests").isEmpty) == false }
    .map { module in
      .testTarget(
        name: "\(module)Tests",
        dependencies: [.init(stringLiteral: module), "TestSupport"] + (module == "Tensors" ? [] : ["Tensors"])
          + (["Networks", "Optimizers", "Problems", "Training", "Solvers", "Transport", "Lenses"].contains(module)
            ? ["Transforms"] : []),
        exclude: FileManager.default.fileExists(atPath: "\(root)/Tests/\(module)Tests/References") ? ["References"] : [],
        swiftSettings: checked)
    },
  cxxLanguageStandard: .cxx17
)
