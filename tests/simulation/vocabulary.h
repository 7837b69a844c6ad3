#ifndef PDP_TESTS_SIMULATION_VOCABULARY_H_
#define PDP_TESTS_SIMULATION_VOCABULARY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/sim/scheduler.h"

namespace pdp::sim {

// What a service has spoken of so far, by the names of fields: so that made-up commands name
// people, groups and sessions that are there, and meet. Free texts are no words of it: each is made
// anew, like no other (libs/sim/words.h).
class Vocabulary {
 public:
  // Takes in every value that is set.
  void Learn(const google::protobuf::Message& message);
  // A command envelope of any case, filled.
  std::unique_ptr<google::protobuf::Message> MakeUp(const google::protobuf::Message& envelope,
                                                    Dice& dice);
  // Changes up to `changes_max` values anywhere inside.
  void Change(google::protobuf::Message& message, int changes_max, Dice& dice);
  // A value that a text field of this name has had; free words when there is none.
  std::string Text(const std::string& field_name, Dice& dice);
  std::string FreshWords();

 private:
  void Fill(google::protobuf::Message& message, Dice& dice, int depth);
  void Set(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
           Dice& dice, int depth);
  int64_t Number(const std::string& field_name, Dice& dice);

  // In the order in which they were first met.
  std::map<std::string, std::vector<std::string>> texts_;
  std::map<std::string, std::vector<int64_t>> numbers_;
  uint64_t words_ = 0;
};

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_VOCABULARY_H_
