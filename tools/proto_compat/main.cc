// proto_compat DIR: writes the golden file of every event shape that has none yet. Never changes a
// file that exists.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tools/proto_compat/golden.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: proto-compat proto/golden\n");
    return 2;
  }
  int written = 0;
  for (const auto* envelope : pdp::proto_compat::EventEnvelopes()) {
    for (const auto& sample : pdp::proto_compat::Samples(envelope)) {
      const std::filesystem::path path =
          std::filesystem::path(argv[1]) / (pdp::proto_compat::GoldenName(*sample) + ".bin");
      if (std::filesystem::exists(path)) continue;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream file(path, std::ios::binary);
      if (!sample->SerializeToOstream(&file) || !file.flush()) {
        std::fprintf(stderr, "cannot write %s\n", path.c_str());
        return 1;
      }
      ++written;
    }
  }
  std::printf("%d golden files written\n", written);
  return 0;
}
