#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/projection/feed_service.h"
#include "libs/projection/process.h"
#include "libs/projection/publisher.h"
#include "libs/projection/runner.h"
#include "libs/projection/sources.h"
#include "libs/projection/testing/history.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::EventFeed;
using common::v1::FeedPosition;
using common::v1::SubscribeReply;
using common::v1::SubscribeRequest;

const Area kN56 = *Area::FromCode("N56");
const Area kN07 = *Area::FromCode("N07");

FeedPosition After(const std::string& area, uint64_t seq, uint32_t index = 0) {
  FeedPosition at;
  at.set_area(area);
  at.set_seq(seq);
  at.set_index(index);
  return at;
}

// That a person is registered is told to the own processes too.
std::vector<std::unique_ptr<google::protobuf::Message>> ToPublicAndInternal(
    const RecordedEvent& recorded) {
  auto out = clinic::ToPublic(recorded);
  const auto& event = recorded.As<clinic::v1::Event>();
  if (!event.has_person_registered()) return out;
  auto internal = std::make_unique<clinic::v1::InternalEvent>();
  internal->mutable_person_noted()->set_crn(event.person_registered().crn());
  out.push_back(std::move(internal));
  return out;
}

// A service with public events in N56 and N07, and a server of its feed that can be restarted.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    ProjectionRunner::Options options;
    options.service = "clinic";
    options.areas = {kN56, kN07};
    runner_ = std::make_unique<ProjectionRunner>(
        options, history_.db(), history_.vault(),
        [] { return std::make_unique<clinic::v1::Event>(); });
    rows_ = &runner_->Add(std::make_unique<Publisher>(ToPublicAndInternal));
    runner_->AddListener("public", [this](Area) {
      pulse_.Beat();
      absl::MutexLock lock(&mutex_);
      if (feed_now_ != nullptr) feed_now_->Wake();
    });
    EXPECT_OK(runner_->Start());
    StartServer();
  }
  ~FeedTest() override {
    StopServer();
    runner_->Stop();
  }

  void StartServer() {
    feed_ = std::make_unique<FeedService>(std::vector<Area>{kN56, kN07}, *rows_, [this](Area area) {
      return runner_->checkpoint("public", area);
    });
    {
      absl::MutexLock lock(&mutex_);
      feed_now_ = feed_.get();
    }
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(feed_.get());
    server_ = builder.BuildAndStart();
    absl::MutexLock lock(&mutex_);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials());
  }
  void StopServer() {
    feed_->Stop();
    server_->Shutdown();
    server_.reset();
    {
      absl::MutexLock lock(&mutex_);
      feed_now_ = nullptr;
    }
    feed_.reset();
  }
  std::shared_ptr<grpc::Channel> channel() {
    absl::MutexLock lock(&mutex_);
    return channel_;
  }

  void Fill(Area area, int events) {
    if (!known_) history_.Register(area, "X1", "Ann");
    known_ = true;
    for (int i = 0; i < events; ++i) last_ = history_.Visit(area, "X1", 1);
    runner_->Wake();
  }
  void AwaitPublished() {
    common::v1::Position position;
    position.set_area("N56");
    position.set_seq(last_.value());
    ASSERT_OK(runner_->WaitFor("public", {position}, absl::Now() + absl::Seconds(20)));
  }

  // Ids of the events up to the first CaughtUp.
  std::vector<std::string> ReadToEnd(const SubscribeRequest& request) {
    grpc::ClientContext context;
    auto stream = EventFeed::NewStub(channel())->Subscribe(&context, request);
    std::vector<std::string> ids;
    SubscribeReply reply;
    while (stream->Read(&reply) && reply.has_event()) ids.push_back(reply.event().id());
    context.TryCancel();
    (void)stream->Finish();
    return ids;
  }
  static std::vector<CloudEvent> PollFor(EventSource& source, size_t count) {
    std::vector<CloudEvent> all;
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (all.size() < count && absl::Now() < until) {
      auto events = source.Poll(100, absl::Milliseconds(100));
      if (!events.ok()) break;
      for (CloudEvent& event : *events) all.push_back(std::move(event));
    }
    return all;
  }

  testing::History history_;
  Pulse pulse_;
  std::unique_ptr<ProjectionRunner> runner_;
  RowReader* rows_ = nullptr;
  std::unique_ptr<FeedService> feed_;
  std::unique_ptr<grpc::Server> server_;
  absl::Mutex mutex_;
  FeedService* feed_now_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
  bool known_ = false;
  Seq last_;
};

TEST_F(FeedTest, TheFeedResumesAfterAnyPosition) {
  Fill(kN56, 9);  // seqs 1 to 10
  AwaitPublished();
  for (uint64_t after = 0; after <= 10; ++after) {
    SubscribeRequest request;
    *request.add_after() = After("N56", after);
    const auto ids = ReadToEnd(request);
    // (0, 0) is before seq 1; (n, 0) is the event of seq n itself.
    ASSERT_EQ(ids.size(), 10 - after);
    if (!ids.empty()) {
      EXPECT_EQ(ids.front(), absl::StrCat("clinic/N56/", after + 1, "/0"));
    }
  }
}

TEST_F(FeedTest, OnlyTheTypesAskedForAreSent) {
  Fill(kN56, 150);
  AwaitPublished();
  SubscribeRequest request;
  *request.add_after() = After("N56", 0);
  request.add_types("PersonKnown");
  EXPECT_EQ(ReadToEnd(request), std::vector<std::string>{"clinic/N56/1/0"});
  request.set_types(0, "pdp.clinic.v1.VisitCounted");
  EXPECT_EQ(ReadToEnd(request).size(), 150u);
}

TEST_F(FeedTest, AnInternalEventIsForTheOwnServiceOnly) {
  Fill(kN56, 2);
  AwaitPublished();
  SubscribeRequest request;
  *request.add_after() = After("N56", 0);
  EXPECT_EQ(ReadToEnd(request), (std::vector<std::string>{"clinic/N56/1/0", "clinic/N56/2/0",
                                                          "clinic/N56/3/0"}));
  request.add_types("pdp.clinic.internal.v1.PersonNoted");
  EXPECT_TRUE(ReadToEnd(request).empty());
  auto source = MakeLocalSource(*rows_, pulse_, {.service = "clinic", .after = {After("N56", 0)}});
  const std::vector<CloudEvent> events = PollFor(*source, 4);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_FALSE(IsInternal(events[0]));
  EXPECT_TRUE(IsInternal(events[1]));
  EXPECT_EQ(events[1].type(), "pdp.clinic.internal.v1.PersonNoted");
  EXPECT_EQ(events[1].id(), "clinic/N56/1/1000");
  EXPECT_EQ(DataOf<clinic::v1::InternalEvent>(events[1]).person_noted().crn(), "X1");
}

TEST_F(FeedTest, AnAreaThatIsNotHostedIsRefusedAndAnUnknownOneIsAnError) {
  SubscribeRequest request;
  *request.add_after() = After("N50", 0);
  grpc::ClientContext context;
  SubscribeReply reply;
  auto stream = EventFeed::NewStub(channel())->Subscribe(&context, request);
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  request.mutable_after(0)->set_area("XX");
  grpc::ClientContext other;
  stream = EventFeed::NewStub(channel())->Subscribe(&other, request);
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(FeedTest, ASlowReaderCostsOnePageAndHoldsUpNobody) {
  Fill(kN56, 1000);
  AwaitPublished();
  SubscribeRequest request;
  *request.add_after() = After("N56", 0);
  grpc::ClientContext slow;
  auto stream = EventFeed::NewStub(channel())->Subscribe(&slow, request);
  SubscribeReply reply;
  ASSERT_TRUE(stream->Read(&reply));  // and then never again
  EXPECT_EQ(ReadToEnd(request).size(), 1001u);
  EXPECT_LE(feed_->buffered(), 2 * FeedService::kPageEvents);
  slow.TryCancel();
  (void)stream->Finish();
}

TEST_F(FeedTest, AFeedSourceGivesEveryEventOnceOverARestartOfThePeer) {
  Fill(kN56, 400);
  SourceRequest request{.service = "clinic", .after = {After("N56", 0)}};
  auto source = MakeFeedSource([this] { return channel(); }, request);
  std::vector<CloudEvent> events = PollFor(*source, 100);
  StopServer();
  Fill(kN56, 50);
  StartServer();
  for (CloudEvent& event : PollFor(*source, 451 - events.size())) {
    events.push_back(std::move(event));
  }
  ASSERT_EQ(events.size(), 451u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq(), i + 1);
}

TEST_F(FeedTest, ALocalSourceReadsTheSameEventsAndWakesUpForNewOnes) {
  Fill(kN56, 4);
  AwaitPublished();
  SourceRequest request{.service = "clinic", .after = {After("N56", 2)}};
  auto source = MakeLocalSource(*rows_, pulse_, request);
  EXPECT_EQ(PollFor(*source, 3).front().id(), "clinic/N56/3/0");
  Fill(kN56, 1);
  ASSERT_OK_AND_ASSIGN(const auto events, source->Poll(10, absl::Seconds(20)));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].id(), "clinic/N56/6/0");
  EXPECT_EQ(ShortType(events[0]), "VisitCounted");
  source->Close();
  EXPECT_TRUE(absl::IsCancelled(source->Poll(10, absl::Seconds(20)).status()));
}

}  // namespace
}  // namespace pdp::projection
