#include "libs/host/options.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::host {
namespace {

using ::pdp::testing::StatusIs;

TEST(OptionsTest, FlagsAreReadInBothSpellings) {
  ASSERT_OK_AND_ASSIGN(
      const Options options,
      ParseOptions({"--areas", "N56,NAT", "--data=/tmp/x", "--kek-file", "/tmp/kek", "--peers",
                    "referral=127.0.0.1:7001,programmes=h:7002", "--metrics-port=0"}));
  EXPECT_EQ(options.areas, (std::vector<Area>{*Area::FromCode("N56"), Area::Nat()}));
  EXPECT_EQ(options.data_dir, "/tmp/x");
  EXPECT_EQ(options.peers.at("programmes"), "h:7002");
  EXPECT_EQ(options.metrics_port, 0);
  EXPECT_EQ(options.listen, "127.0.0.1:0");
  EXPECT_EQ(options.log, "embedded");
}

TEST(OptionsTest, AMistakeIsAnErrorThatNamesTheFlag) {
  const struct {
    std::vector<std::string> args;
    const char* says;
  } kCases[] = {
      {{"--areaz", "N56"}, "unknown flag --areaz"},
      {{"N56"}, "not a flag: N56"},
      {{"--areas", "N99"}, "--areas: no such area: N99"},
      {{"--areas", "N56", "--areas", "N07"}, "--areas is given twice"},
      {{"--areas"}, "--areas needs a value"},
      {{"--listen", "here"}, "--listen: not host:port: here"},
      {{"--peers", "referral"}, "--peers: not host:port"},
      {{"--log", "paper"}, "--log: none of"},
      {{"--metrics-port", "many"}, "--metrics-port: not a number"},
      {{"--days-behind", "-1"}, "--days-behind: not a number from 0 to 3650"},
      {{"--lease-ms", "1"}, "--lease-ms: not a number from 50 to 60000"},
      {{"--areas", "N56", "--data", "/tmp/x", "--lease-ms", "1500"}, "at least twice --lease-ms"},
      {{"--data", "/tmp/x"}, "--areas is required"},
      {{"--areas", "N56"}, "--data is required"},
      {{"--areas", "N56", "--data", "/tmp/x"}, "--kek-file is required"},
      {{"--areas", "N56", "--data", "/tmp/x", "--log", "kafka"}, "needs --bootstrap-servers"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseOptions(c.args), StatusIs(absl::StatusCode::kInvalidArgument, c.says));
  }
}

TEST(OptionsTest, TheHelpShowsEveryFlagWithItsDefault) {
  const std::string help = HelpText();
  for (const char* flag : {"--areas", "--listen", "--data", "--log", "--bootstrap-servers",
                           "--peers", "--peer-dir", "--kek-file", "--port-file", "--advertise",
                           "--metrics-port", "--standby", "--keys", "--lease-ms", "--failover-ms",
                           "--days-behind", "--print-asyncapi", "[127.0.0.1:0]"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace pdp::host
