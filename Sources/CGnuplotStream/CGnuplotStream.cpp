#include <gnuplot-iostream.h>
extern "C" int gnuplot_stream_probe(void) { Gnuplot gp("cat > /dev/null"); gp << "x"; return 0; }
