// A client in another language, with stubs it generates itself from proto/ (client.py).

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "tests/system/processes.h"
#include "tools/demo/area.h"

namespace pdp::system_test {
namespace {

TEST(PythonClientTest, EverythingAnIntegratorReliesOnHolds) {
  const std::string python = absl::StrCat(PDP_SOURCE_DIR, "/.deps/python/bin/python");
  ASSERT_TRUE(std::filesystem::exists(python)) << "tools/setup --test makes " << python;
  Processes processes({.services = {"subcontractor", "referral", "gateway"}});
  ASSERT_OK(processes.StartAll());
  demo::Service subcontractor("subcontractor", processes.dir());
  demo::AreaOptions area;
  area.first_day = LocalDate(absl::Now());
  ASSERT_OK(demo::SetUpSupplyChain(subcontractor, area));
  const std::string command =
      absl::StrCat("'", python, "' '", PDP_SOURCE_DIR, "/tests/system/client.py' --source '",
                   PDP_SOURCE_DIR, "' --dir '", processes.dir(), "' --bin '", PDP_BINARY_DIR,
                   "/bin' 2>&1");
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_OK(processes.StopAll());
}

}  // namespace
}  // namespace pdp::system_test
