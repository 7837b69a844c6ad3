#include "tools/demo/credentials.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "services/gateway/authenticator.h"

namespace pdp::demo {
namespace {

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "pdp_demo_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream file(entry.path());
      std::ostringstream text;
      text << file.rdbuf();
      files[entry.path().filename()] = text.str();
    }
    return files;
  }

  std::string folder_;
};

TEST_F(CredentialsTest, MakesWhatIsMissingAndNothingElse) {
  ASSERT_OK(Credentials::Open(folder_));
  const auto first = Files();
  EXPECT_EQ(first.count("S01.pem"), 1u);
  ASSERT_OK(Credentials::Open(folder_));
  EXPECT_EQ(Files(), first);

  std::filesystem::remove(folder_ + "/S01.pem");
  ASSERT_OK(Credentials::Open(folder_));
  auto second = Files();
  EXPECT_NE(second["S01.pem"], first.at("S01.pem"));
  for (const char* again : {"S01.pem", "S01.key"}) second[again] = first.at(again);
  EXPECT_EQ(second, first);
}

TEST_F(CredentialsTest, HalfAKeyIsMadeAgain) {
  ASSERT_OK(Credentials::Open(folder_));
  std::filesystem::resize_file(folder_ + "/ca.key", 20);
  ASSERT_OK(Credentials::Open(folder_));
  EXPECT_GT(std::filesystem::file_size(folder_ + "/ca.key"), 100u);
}

TEST_F(CredentialsTest, KeysAreReadableByTheirOwnerOnly) {
  ASSERT_OK(Credentials::Open(folder_));
  int keys = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() != ".key") continue;
    struct stat info;
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    ++keys;
  }
  // ca, server, signing, seal and four organisations.
  EXPECT_EQ(keys, 8);
}

// What the gateway itself makes of them.
TEST_F(CredentialsTest, TheGatewayKnowsEveryClientByCertificateAndTokenTogetherOnly) {
  ASSERT_OK_AND_ASSIGN(const Credentials credentials, Credentials::Open(folder_));
  ASSERT_OK_AND_ASSIGN(
      const auto file,
      gateway::CredentialFile::Open(folder_ + "/registry.textproto", Clock::System()));
  gateway::Authenticator authenticator(*file, Clock::System());
  const auto files = Files();
  for (const GatewayClientId& client : Credentials::Clients()) {
    ASSERT_OK_AND_ASSIGN(const std::string token, credentials.Token(client.id, absl::Now()));
    gateway::Evidence evidence;
    evidence.certificate_pem = files.at(client.organisation + ".pem");
    evidence.names = {"urn:pdp:organisation:" + client.organisation};
    EXPECT_FALSE(authenticator.Authenticate(evidence).ok()) << "a certificate alone";
    evidence.authorization = "Bearer " + token;
    ASSERT_OK_AND_ASSIGN(const gateway::Principal principal, authenticator.Authenticate(evidence));
    EXPECT_EQ(principal.tenant, client.organisation);
    EXPECT_EQ(principal.client, client.id);
    EXPECT_EQ(principal.functions.size(), client.functions.size());
    evidence.certificate_pem.clear();
    EXPECT_TRUE(absl::StrContains(authenticator.Authenticate(evidence).status().message(),
                                  "TOKEN_NOT_BOUND"))
        << "a token alone";
    evidence.certificate_pem = files.at(client.organisation == "S01" ? "S02.pem" : "S01.pem");
    EXPECT_FALSE(authenticator.Authenticate(evidence).ok()) << "another's certificate";
  }
  EXPECT_EQ(credentials.Token("nobody", absl::Now()).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace pdp::demo
