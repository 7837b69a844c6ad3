#ifndef PDP_TESTS_SIMULATION_NAT_NEWS_H_
#define PDP_TESTS_SIMULATION_NAT_NEWS_H_

#include <string>
#include <vector>

#include "pdp/referral/v1/public_events.pb.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {

// What referral tells in NAT of people, orders and requirements while a delivery service has their
// cases, drawn by the seed. Versions count from 1, which is what a case was opened with, over all
// people together; the order of `crn` is `crn/1`, its requirement `crn/1/1`.
class NatNews {
 public:
  NatNews(Dice& dice, std::vector<std::string> crns) : dice_(dice), crns_(std::move(crns)) {}

  // `count` changes of one fact or another.
  void Change(int count);
  // Life: somebody dies, goes to prison or comes back, an order or a requirement ends.
  void Happen(int count);
  void Restrict(int count);
  // Everything about the person goes.
  void Erase(const std::string& crn);
  // All of it, in order.
  ServicePlay::Stream Take() { return std::move(stream_); }

 private:
  const std::string& AnyCrn() { return crns_[dice_.Below(crns_.size())]; }
  void Tell(const referral::v1::PublicEvent& event);

  Dice& dice_;
  const std::vector<std::string> crns_;
  uint64_t person_version_ = 1, sentence_version_ = 1;
  ServicePlay::Stream stream_;
};

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_NAT_NEWS_H_
