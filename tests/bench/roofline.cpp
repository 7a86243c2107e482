// SPDX-License-Identifier: Apache-2.0
// The picture of the benchmark report is well-formed XML, whatever the benchmarks are called. Read by python3 where there is one.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "../../bench/roofline.hpp"

TEST_CASE("roofline: well-formed, a dot and a name for each benchmark") {
  sinter::machine m;
  double next = 1e9;
  sinter::detail::for_each_figure(m, [&next](const std::string&, double& x) { x = next *= 1.3; });
  std::vector<bench::dot> dots{{"a < b & \"c\" > 'd'", 1e6, 2e6, 1e-4, .5}, {"no arithmetic\x01", 1e6, 0, 1e-4, .1}};
  for (int i = 0; i < 20; ++i) dots.push_back({"the same place", 1e6, 3e6, 1e-4, .9});
  dots.push_back({"far beyond", 1, 1e9, 1e-9, 2});
  const std::string svg = bench::roofline(m, dots).text();
  std::size_t circles = 0;
  for (std::size_t at = 0; (at = svg.find("<circle", at)) != std::string::npos; ++at) ++circles;
  CHECK(circles == dots.size());
  CHECK(svg.find("a &lt; b &amp; &quot;c&quot; &gt;") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);

  if (std::system("python3 -c 'import xml.dom.minidom' 2>/dev/null") != 0) {
    MESSAGE("python3 is not installed: the picture is not parsed");
    return;
  }
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("sinter_roofline_" + std::to_string(::getpid()) + ".svg");
  std::ofstream(file) << svg;
  CHECK(std::system(("python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' " + file.string()).c_str()) == 0);
  std::filesystem::remove(file);
}
