#ifndef PDP_SERVICES_REFERRAL_SUBJECT_READER_H_
#define PDP_SERVICES_REFERRAL_SUBJECT_READER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/host/host.h"
#include "pdp/referral/v1/queries.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// Everything that is held about one person, in every area (REF-101, REF-102): NAT's own cell, the
// areas of the person's sentences, and those that their referrals moved to. Areas of another
// process are asked by AreaSubject. Needs NAT here. Blocking: for query threads; thread-safe.
// Errors: NotFound for a person nobody knows; Unavailable when an area cannot be asked: never a
// part for the whole.
class SubjectReader {
 public:
  // How far each area is read; one that is missing: as far as it goes.
  using Positions = std::map<std::string, uint64_t>;

  SubjectReader(const host::ServiceHost& host, const NatReader& nat) : host_(host), nat_(nat) {}

  // Every CRN of the person at that point of NAT's history, the root's first (REF-93).
  absl::StatusOr<std::vector<std::string>> FamilyAt(const std::string& crn, uint64_t nat_seq) const;
  // Sections of NAT's cell: persons, sentences, access log.
  absl::StatusOr<std::vector<v1::BundleSection>> NatSections(const std::vector<std::string>& family,
                                                             uint64_t nat_seq) const;
  // By area code, what each area holds.
  absl::StatusOr<std::map<std::string, v1::AreaSubjectReply>> Areas(
      const std::vector<std::string>& family, const Positions& positions, bool facts_only) const;

 private:
  absl::StatusOr<std::vector<std::string>> SentencesOf(const std::string& crn) const;
  absl::StatusOr<v1::AreaSubjectReply> Ask(const v1::AreaSubjectRequest& request) const;

  const host::ServiceHost& host_;
  const NatReader& nat_;
};

// What the cell of `area`, which is hosted here, holds about the persons of these CRNs, read up to
// `seq` (0: all).
absl::StatusOr<v1::AreaSubjectReply> ReadArea(const host::ServiceHost& host, Area area,
                                              const std::vector<std::string>& crns, uint64_t seq,
                                              bool facts_only);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_SUBJECT_READER_H_
