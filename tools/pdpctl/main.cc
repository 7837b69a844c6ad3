#include <iostream>
#include <string>
#include <vector>

#include "tools/pdpctl/run.h"

int main(int argc, char** argv) {
  return pdp::pdpctl::Run(std::vector<std::string>(argv + 1, argv + argc), std::cin, std::cout,
                          std::cerr);
}
