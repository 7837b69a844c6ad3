#ifndef PDP_LIBS_SIM_PEERS_H_
#define PDP_LIBS_SIM_PEERS_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/projection/surroundings.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {

class Node;
class World;

// What a process is doing when it asks somebody.
struct Reaction {
  std::string process;
  Area area;
  std::string event_id;
};

// One attempt of a call of a process, to another service or to another process of its own.
struct PeerCall {
  Reaction reaction;
  std::string service;
  // As gRPC has it: "/pdp.referral.v1.ReferralService/GetReferral".
  std::string method;
  std::shared_ptr<const google::protobuf::Message> request;
  // Of a command; empty for a query.
  std::string command_id;
  std::string body;
  bool took_effect = false;
};

// The services around the one that is played, as that one asks them; made anew for each run.
class Peer {
 public:
  virtual ~Peer() = default;
  // What the call that has arrived is answered: the reason code of a refusal, or empty, and `reply`
  // is filled. A command is asked here until it takes effect, and never again. `here`: for a
  // query of the service itself, what the replica that was found can read; else null.
  virtual absl::StatusOr<std::string> Answer(const PeerCall& call,
                                             const projection::Surroundings* here,
                                             google::protobuf::Message* reply) = 0;
};

// The network to them and what they remember. A call may not get there, get there after its sender
// has died or given up, or get its answer lost on the way back; a command id that took effect is
// answered with that again, under other facts with COMMAND_ID_REUSED. Calls of the service itself
// go to whichever replica answers: queries read there, commands are attempts like any other.
class Peers {
 public:
  Peers(World& world, std::unique_ptr<Peer> peer);

  // Waits for the answer, at most `attempt`, while the world goes on.
  absl::StatusOr<std::string> Ask(Node& asker, PeerCall call, absl::Duration attempt,
                                  google::protobuf::Message* reply);

  // Nobody is reached. Answers are lost or late, out of a thousand.
  bool cut = false;
  uint64_t lose = 0;

  // ---- for the judge: every attempt, in order
  const std::deque<PeerCall>& calls() const { return calls_; }

 private:
  using Done = std::function<void(absl::StatusOr<std::string>)>;
  struct Effect {
    std::string body;
    std::string reply;
  };
  void Arrive(size_t index, int slot, google::protobuf::Message* reply, const Done& done);
  void ArriveAtOwnService(const PeerCall& call, int slot, google::protobuf::Message* reply,
                          const Done& done);

  World& world_;
  const std::unique_ptr<Peer> peer_;
  Dice dice_;
  std::deque<PeerCall> calls_;
  std::map<std::pair<std::string, std::string>, Effect> effects_;  // by service and command id
};

// What is wrong about what the processes asked of others: a reaction that asks one thing again must
// ask under the same command id. Empty when nothing is.
std::string CheckPeerCalls(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_PEERS_H_
