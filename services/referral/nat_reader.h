#ifndef PDP_SERVICES_REFERRAL_NAT_READER_H_
#define PDP_SERVICES_REFERRAL_NAT_READER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/queries.pb.h"
#include "services/referral/as_at.h"

namespace pdp::referral {

// Reads persons and sentences as the cell NAT has them, for commands of an area (the snapshot with
// versions that travels inside them). From the cell when this process hosts NAT, else by a call to
// the process that does. Blocking: for query and process threads. Thread-safe.
//
// `seen`: a position of NAT that the caller has seen, of an event or of an answer. What is read is
// not older, also where another process leads NAT and this one follows it.
// Errors: NotFound; Unavailable when NAT cannot be asked; DeadlineExceeded when it stays behind
// `seen` for 2 s.
class NatReader {
 public:
  explicit NatReader(const projection::Surroundings& host) : host_(host) {}

  // Of any CRN the person has: the root's record, with the slots and access lists of the whole
  // family and everybody's sentences (REF-93).
  absl::StatusOr<v1::GetPersonReply> Person(const std::string& crn,
                                            const common::v1::Position& seen = {}) const;
  // Every CRN of the person, the root's first.
  absl::StatusOr<std::vector<std::string>> Family(const std::string& crn,
                                                  const common::v1::Position& seen = {}) const;
  absl::StatusOr<v1::GetSentenceReply> Sentence(const std::string& sentence_key) const;
  // As they were. At an instant the person is read over the family of that time; a version is that
  // of the record with this CRN, whatever it was merged into.
  absl::StatusOr<v1::GetPersonReply> PersonAsAt(const std::string& crn, const AsAt& at) const;
  absl::StatusOr<v1::GetSentenceReply> SentenceAsAt(const std::string& sentence_key,
                                                    const AsAt& at) const;
  // The person, the sentence (none when the key is empty) and all live sentences.
  absl::StatusOr<v1::NatFacts> Facts(const std::string& crn, const std::string& sentence_key,
                                     const common::v1::Position& seen = {}) const;

 private:
  absl::StatusOr<v1::GetPersonReply> PersonHere(const std::string& crn, int depth) const;
  absl::StatusOr<v1::GetPersonReply> PersonThen(const std::string& crn, absl::Time instant,
                                                int depth) const;
  absl::Status AddFamilyThen(const std::string& crn, absl::Time instant,
                             v1::GetPersonReply* reply) const;
  absl::StatusOr<std::vector<std::string>> SentenceKeys(const std::string& crn) const;

  const projection::Surroundings& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_NAT_READER_H_
