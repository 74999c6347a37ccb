import CGnuplotStream
public func g() -> Int32 { gnuplot_stream_probe() }
