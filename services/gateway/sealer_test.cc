#include "services/gateway/sealer.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "pdp/gateway/v1/gateway_service.pb.h"

namespace pdp::gateway {
namespace {

using ::pdp::testing::StatusIs;
constexpr auto kBad = absl::StatusCode::kInvalidArgument;

class SealerTest : public ::testing::Test {
 protected:
  SealerTest() { request_.set_parent("pools/N56-TSP"); }
  FakeClock clock_{absl::FromUnixSeconds(1'760'000'000)};
  Sealer sealer_{std::string(32, 'k'), clock_};
  v1::ListOffersRequest request_;
};

TEST_F(SealerTest, APageTokenGivesItsCursorBackForTheSameRequest) {
  const std::string token = sealer_.SealPage("A", "M", request_, "cursor\n1");
  request_.set_page_size(7);
  request_.set_page_token(token);
  ASSERT_OK_AND_ASSIGN(const std::string cursor, sealer_.OpenPage("A", "M", request_, token));
  EXPECT_EQ(cursor, "cursor\n1");
  EXPECT_EQ(token.find("cursor"), std::string::npos);
  EXPECT_EQ(sealer_.SealPage("A", "M", request_, ""), "");
}

TEST_F(SealerTest, APageTokenOfAnotherTenantMethodOrFilterIsAMismatch) {
  const std::string token = sealer_.SealPage("A", "M", request_, "c");
  EXPECT_THAT(sealer_.OpenPage("B", "M", request_, token), StatusIs(kBad, "PAGE_TOKEN_MISMATCH"));
  EXPECT_THAT(sealer_.OpenPage("A", "N", request_, token), StatusIs(kBad, "PAGE_TOKEN_MISMATCH"));
  request_.set_stratum("HIGH");
  EXPECT_THAT(sealer_.OpenPage("A", "M", request_, token), StatusIs(kBad, "PAGE_TOKEN_MISMATCH"));
}

TEST_F(SealerTest, EveryTamperedByteOfAPageTokenIsFound) {
  const std::string token = sealer_.SealPage("A", "M", request_, "c");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string bad = token;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(sealer_.OpenPage("A", "M", request_, bad), StatusIs(kBad,
        "PAGE_TOKEN_INVALID")) << i;
  }
  EXPECT_THAT(sealer_.OpenPage("A", "M", request_, "x"), StatusIs(kBad, "PAGE_TOKEN_INVALID"));
  // A resume token is no page token.
  EXPECT_THAT(sealer_.OpenPage("A", "M", request_, sealer_.SealWatch("A", {})),
              StatusIs(kBad, "PAGE_TOKEN_INVALID"));
}

TEST_F(SealerTest, APageTokenLivesTwentyFourHours) {
  const std::string token = sealer_.SealPage("A", "M", request_, "c");
  clock_.Advance(absl::Hours(24));
  EXPECT_OK(sealer_.OpenPage("A", "M", request_, token));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(sealer_.OpenPage("A", "M", request_, token), StatusIs(kBad, "PAGE_TOKEN_EXPIRED"));
}

TEST_F(SealerTest, AResumeTokenIsItsTenantsOnly) {
  const WatchPosition position = {{{"referral", "N56"}, {12, 1}}, {{"unpaid_work", "NAT"}, {3, 0}}};
  const std::string token = sealer_.SealWatch("A", position);
  ASSERT_OK_AND_ASSIGN(const WatchPosition back, sealer_.OpenWatch("A", token));
  EXPECT_EQ(back, position);
  EXPECT_THAT(sealer_.OpenWatch("B", token), StatusIs(kBad, "RESUME_TOKEN_INVALID"));
  EXPECT_THAT(sealer_.OpenWatch("A", token + "A"), StatusIs(kBad, "RESUME_TOKEN_INVALID"));
}

TEST_F(SealerTest, AnEtagHoldsTheVersionOfOneResource) {
  const std::string etag = sealer_.Etag("cases/N56-1", 7);
  EXPECT_EQ(etag, sealer_.Etag("cases/N56-1", 7));
  ASSERT_OK_AND_ASSIGN(const uint64_t version, sealer_.VersionOf("cases/N56-1", etag));
  EXPECT_EQ(version, 7u);
  for (const std::string& bad : {std::string(), std::string("7"), etag + "x"}) {
    EXPECT_THAT(sealer_.VersionOf("cases/N56-1", bad), StatusIs(kBad, "ETAG_MALFORMED"));
  }
  EXPECT_THAT(sealer_.VersionOf("cases/N56-2", etag), StatusIs(kBad, "ETAG_MALFORMED"));
}

}  // namespace
}  // namespace pdp::gateway
