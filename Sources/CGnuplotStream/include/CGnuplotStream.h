int gnuplot_stream_probe(void);
