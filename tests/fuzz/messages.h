#ifndef PDP_TESTS_FUZZ_MESSAGES_H_
#define PDP_TESTS_FUZZ_MESSAGES_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

// Messages of any type, filled by reflection with what breaks programs: edges of numbers, dates
// that do not exist, texts that are long, empty, or not ASCII, lists that are empty or repeat.

namespace pdp::fuzz {

// Changes between 1 and `changes_max` fields anywhere in `message`. The same generator state makes
// the same message.
void Change(google::protobuf::Message& message, std::mt19937& random, int changes_max = 8);

// A message of `type`, filled at random.
std::unique_ptr<google::protobuf::Message> Make(const google::protobuf::Descriptor& type,
                                                std::mt19937& random);

// The request types of every method of every service linked in, in order of their names.
std::vector<const google::protobuf::Descriptor*> RequestTypes();
// The methods of the services whose full name begins with "pdp.".
std::vector<const google::protobuf::MethodDescriptor*> Methods();

}  // namespace pdp::fuzz

#endif  // PDP_TESTS_FUZZ_MESSAGES_H_
