#include "tests/crash/load.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/hash.h"
#include "libs/rpc/status.h"
#include "pdp/referral/v1/service.grpc.pb.h"

namespace pdp::crash {
namespace {

namespace rv1 = referral::v1;

constexpr absl::Duration kCall = absl::Seconds(20), kPatience = absl::Seconds(60);
constexpr int kAskers = 8;

std::string Crn(uint64_t n) { return absl::StrFormat("T%06d", n); }
std::string Family(uint64_t n) { return absl::StrCat("Invented", n); }

rv1::ExecuteRequest Register(uint64_t n) {
  rv1::ExecuteRequest request;
  request.mutable_header()->set_command_id(
      std::string(DerivedCommandId("crash", absl::StrCat(n)).bytes()));
  request.mutable_header()->mutable_actor()->set_id("ro-1");
  request.mutable_header()->mutable_actor()->add_roles("RO");
  request.set_area("NAT");
  auto* person = request.mutable_command()->mutable_register_person();
  person->set_crn(Crn(n));
  person->mutable_identity()->mutable_name()->set_given("Ann");
  person->mutable_identity()->mutable_name()->set_family(Family(n));
  person->mutable_identity()->set_date_of_birth("1990-01-01");
  person->mutable_identity()->set_sex("F");
  person->set_home_area("N56");
  person->set_pdu("N56ESX");
  return request;
}

}  // namespace

grpc::Status Load::Send(const std::shared_ptr<grpc::Channel>& channel, uint64_t n) {
  const rv1::ExecuteRequest request = Register(n);
  const std::string& id = request.header().command_id();
  oracle_.Sent(id);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCall));
  rv1::ExecuteReply reply;
  const grpc::Status status =
      rv1::ReferralService::NewStub(channel)->Execute(&context, request, &reply);
  if (status.ok()) {
    oracle_.Acknowledged(id, reply.outcome());
    ++acknowledged_;
    absl::MutexLock lock(&mutex_);
    told_.push_back(n);
    last_acknowledged_ = absl::Now();
    return status;
  }
  const auto details = rpc::FromStatus(status);
  const bool said_by_the_service = details.ok() && !details->reason.empty();
  if (!rpc::IsRetryable(status)) {
    absl::MutexLock lock(&mutex_);
    wrong_.push_back(absl::StrCat(Crn(n), ": ", status.error_message()));
  } else if (said_by_the_service && status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
    oracle_.Refused(id);
  }
  return status;
}

uint64_t Load::Next() {
  absl::MutexLock lock(&mutex_);
  if (again_.empty()) return next_++;
  const uint64_t n = again_.back();
  again_.pop_back();
  return n;
}

void Load::Call(const Target& target) {
  while (!stop_) {
    const uint64_t n = Next();
    if (Send(target(), n).ok()) continue;
    {
      absl::MutexLock lock(&mutex_);
      again_.push_back(n);
    }
    absl::SleepFor(absl::Milliseconds(2));
  }
}

void Load::Start(Target target, int callers) {
  stop_ = false;
  for (int i = 0; i < callers; ++i) {
    callers_.emplace_back([this, target] { Call(target); });
  }
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& caller : callers_) caller.join();
  callers_.clear();
}

std::string Load::AskAgain(const Target& target, uint64_t most) {
  std::vector<uint64_t> numbers;
  {
    absl::MutexLock lock(&mutex_);
    numbers.swap(again_);
    const uint64_t step = std::max<uint64_t>(1, next_ / std::max<uint64_t>(1, most));
    for (uint64_t n = 1; n < next_; n += step) numbers.push_back(n);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::atomic<size_t> at{0};
  absl::Mutex mutex;
  std::string unanswered;
  std::vector<std::thread> askers;
  for (int i = 0; i < kAskers; ++i) {
    askers.emplace_back([&] {
      for (size_t index = at++; index < numbers.size(); index = at++) {
        const absl::Time deadline = absl::Now() + kPatience;
        grpc::Status status = Send(target(), numbers[index]);
        while (!status.ok() && rpc::IsRetryable(status) && absl::Now() < deadline) {
          absl::SleepFor(absl::Milliseconds(5));
          status = Send(target(), numbers[index]);
        }
        if (status.ok()) continue;
        absl::MutexLock lock(&mutex);
        unanswered = absl::StrCat(Crn(numbers[index]), ": ", status.error_message());
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  return unanswered;
}

std::string Load::ReadNames(const std::shared_ptr<grpc::Channel>& channel, uint64_t people) {
  std::vector<uint64_t> told;
  {
    absl::MutexLock lock(&mutex_);
    told = told_;
  }
  const size_t step = std::max<size_t>(1, told.size() / std::max<uint64_t>(1, people));
  for (size_t i = 0; i < told.size(); i += step) {
    const uint64_t n = told[i];
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCall));
    rv1::GetPersonRequest request;
    request.set_crn(Crn(n));
    request.mutable_actor()->set_id("ro-1");
    request.mutable_actor()->add_roles("RO");
    rv1::GetPersonReply reply;
    const grpc::Status status =
        rv1::ReferralService::NewStub(channel)->GetPerson(&context, request, &reply);
    if (!status.ok()) return absl::StrCat(Crn(n), ": ", status.error_message());
    const std::string& family = reply.person().identity().name().family();
    if (family != Family(n)) return absl::StrCat(Crn(n), " is called '", family, "'");
  }
  return "";
}

std::vector<std::string> Load::wrong() const {
  absl::MutexLock lock(&mutex_);
  return wrong_;
}

absl::Time Load::last_acknowledged() const {
  absl::MutexLock lock(&mutex_);
  return last_acknowledged_;
}

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

}  // namespace pdp::crash
