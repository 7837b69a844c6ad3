// Two services over one real Kafka: logs and events both go through the broker.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/cell.h"
#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "libs/host/testing/branch.h"
#include "tests/kafka/broker.h"

namespace pdp::host {
namespace {

const Area kN56 = *Area::FromCode("N56");

class HostKafkaTest : public ::testing::Test {
 protected:
  HostKafkaTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_host_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "kek") << std::string(64, 'a');
    ::chmod((folder_ / "kek").c_str(), 0600);
  }
  ~HostKafkaTest() override { std::filesystem::remove_all(folder_); }

  Options MakeOptions(const std::string& data) const {
    Options options;
    options.areas = {kN56};
    options.data_dir = (folder_ / data).string();
    options.kek_file = (folder_ / "kek").string();
    options.log = "kafka";
    options.bootstrap_servers = KafkaBroker::Instance().bootstrap();
    return options;
  }
  static absl::Time Soon() { return Clock::System().Now() + absl::Seconds(60); }

  // Registers one person at the clinic; everything it says is in the log when it returns.
  static bool Register(ServiceHost& host, const std::string& crn) {
    auto command = std::make_shared<clinic::v1::Command>();
    command->mutable_register_person()->set_crn(crn);
    command->mutable_register_person()->set_name("Ann");
    engine::CommandRequest request;
    request.header.set_command_id(std::string(DerivedCommandId(crn, "register").bytes()));
    request.command = std::move(command);
    request.deadline = Soon();
    return host.cell(kN56)->Execute(std::move(request)).committed();
  }
  // Waits until the branch has a row of `crn`.
  static bool AwaitRow(const ServiceHost& host, const std::string& crn) {
    clinic::v1::PersonRow row;
    for (int i = 0; i < 600; ++i) {
      const auto found = host.rows("people").Get(kN56, crn, &row);
      if (found.ok() && *found) return true;
      common::v1::ReadOptions next;
      next.add_min_position()->set_area("N56");
      next.mutable_min_position(0)->set_seq(host.cell(kN56)->position().seq() + 1);
      (void)host.WaitFor(next, Clock::System().Now() + absl::Milliseconds(100), {"people"});
    }
    return false;
  }

  const std::filesystem::path folder_;
};

TEST_F(HostKafkaTest, AProcessFollowsAPeerOverTheBrokerAndOverRestartsOfBoth) {
  ASSERT_FALSE(KafkaBroker::Instance().bootstrap().empty());
  for (int life = 1; life <= 2; ++life) {
    ServiceHost branch(MakeOptions("branch"), engine::MakeDomain<clinic::Branch>(),
                       clinic::ToPublic);
    branch.AddProjection(std::make_unique<clinic::People>());
    branch.AddProcess([](Area) { return std::make_unique<clinic::Follower>("clinic"); });
    ASSERT_OK(branch.Start());
    ServiceHost main(MakeOptions("clinic"), engine::MakeDomain<clinic::Clinic>(),
                     clinic::ToPublic);
    ASSERT_OK(main.Start());
    ASSERT_TRUE(Register(main, absl::StrCat("X", life)));
    EXPECT_TRUE(AwaitRow(branch, absl::StrCat("X", life, "c")));
    EXPECT_EQ(branch.cell(kN56)->position().epoch(), static_cast<uint64_t>(life));
  }
}

}  // namespace
}  // namespace pdp::host
