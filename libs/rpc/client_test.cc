#include "libs/rpc/client.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/test_admin.h"

namespace pdp::rpc {
namespace {

using common::v1::Admin;
using common::v1::ListCellsReply;
using ::pdp::testing::StatusIs;
using testing::TestAdmin;

class CallerTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Server> Serve(TestAdmin& admin) {
    auto server = std::make_unique<Server>(ServerOptions{});
    server->Add(&admin);
    EXPECT_OK(server->Start());
    return server;
  }
  static absl::StatusOr<Answer<ListCellsReply>> Call(int port, absl::Duration attempt =
                                                                   absl::Seconds(5)) {
    const auto channel = *MakeChannel(absl::StrCat("127.0.0.1:", port));
    return Caller(attempt).Call<Admin, ListCellsReply>(channel,
                                                       &Admin::Stub::ListCells,
                                                       common::v1::ListCellsRequest());
  }
};

TEST_F(CallerTest, GivesTheReply) {
  TestAdmin admin([](auto&, ListCellsReply* reply) {
    reply->add_cells()->set_area("N56");
    return grpc::Status::OK;
  });
  auto server = Serve(admin);
  ASSERT_OK_AND_ASSIGN(const auto answer, Call(server->port()));
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(answer.reply.cells(0).area(), "N56");
}

TEST_F(CallerTest, ARefusalIsAnAnswer) {
  TestAdmin admin([](auto&, ListCellsReply*) {
    return ToStatus(decider::Reject("VERSION_CONFLICT", "changed"), "peer");
  });
  auto server = Serve(admin);
  ASSERT_OK_AND_ASSIGN(const auto answer, Call(server->port()));
  EXPECT_EQ(answer.reason(), "VERSION_CONFLICT");
  EXPECT_EQ(answer.refusal->message, "changed");
}

TEST_F(CallerTest, AnUnreachableOrFailingPeerIsAStatusToTryAgain) {
  int port = 0;
  {
    TestAdmin admin([](auto&, ListCellsReply*) {
      return ToStatus(absl::UnavailableError("log down"), "peer");
    });
    auto server = Serve(admin);
    port = server->port();
    EXPECT_THAT(Call(port).status(), StatusIs(absl::StatusCode::kUnavailable, "log down"));
  }
  EXPECT_THAT(Call(port).status(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CallerTest, GoesOnAtTheOwnerThatANonOwnerNames) {
  TestAdmin owner([](auto&, ListCellsReply* reply) {
    reply->add_cells()->set_owner("me");
    return grpc::Status::OK;
  });
  auto owning = Serve(owner);
  TestAdmin other([&](auto&, ListCellsReply*) {
    absl::Status status = absl::UnavailableError("not the owner");
    status.SetPayload(kOwnerPayload, absl::Cord(absl::StrCat("127.0.0.1:", owning->port())));
    return ToStatus(status, "peer");
  });
  auto server = Serve(other);
  ASSERT_OK_AND_ASSIGN(const auto answer, Call(server->port()));
  EXPECT_EQ(answer.reply.cells(0).owner(), "me");
}

// By the name of a method it is the same call.
TEST_F(CallerTest, GivesReplyRefusalAndStatusOfAMethodByItsName) {
  std::optional<decider::Rejected> refuses;
  TestAdmin admin([&](auto&, ListCellsReply* reply) {
    if (refuses) return ToStatus(*refuses, "peer");
    reply->add_cells()->set_area("N56");
    return grpc::Status::OK;
  });
  auto server = Serve(admin);
  const auto channel = *MakeChannel(absl::StrCat("127.0.0.1:", server->port()));
  const common::v1::ListCellsRequest request;
  ListCellsReply reply;
  ASSERT_OK_AND_ASSIGN(
      auto refusal, Caller().Call(channel, "/pdp.common.v1.Admin/ListCells", request, &reply));
  EXPECT_FALSE(refusal.has_value());
  EXPECT_EQ(reply.cells(0).area(), "N56");
  refuses = decider::Reject("VERSION_CONFLICT", "changed");
  ASSERT_OK_AND_ASSIGN(
      refusal, Caller().Call(channel, "/pdp.common.v1.Admin/ListCells", request, &reply));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, "VERSION_CONFLICT");
  server.reset();
  EXPECT_THAT(
      Caller().Call(channel, "/pdp.common.v1.Admin/ListCells", request, &reply).status(),
      StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace pdp::rpc
