#include "tools/pdpctl/subject_bundle.h"

#include <chrono>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "pdp/referral/v1/service.grpc.pb.h"

namespace pdp::pdpctl {
namespace {

using referral::v1::BundleField;
using referral::v1::BundleSection;

const char* Withheld(referral::v1::ExportClass why) {
  return why == referral::v1::WITHHOLD_RISK ? "(withheld: it may put somebody at risk)"
                                            : "(withheld: it may be about somebody else)";
}

void AddField(const BundleField& field, std::string* text) {
  const std::string value =
      field.class_() == referral::v1::EXPORT ? field.value() : Withheld(field.class_());
  absl::StrAppend(text, "    ", field.name(), ": ",
                  absl::StrJoin(absl::StrSplit(value, '\n'), "\n      "), "\n");
}

// As the service makes it.
std::string HashOf(const std::vector<BundleSection>& sections) {
  std::string digests;
  for (const BundleSection& section : sections) {
    absl::StrAppend(&digests, Sha256(DeterministicBytes(section)).view());
  }
  return Sha256(digests).hex();
}

grpc::Status WriteTo(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  if (file.flush()) return grpc::Status::OK;
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, absl::StrCat("cannot write ", path));
}

}  // namespace

std::string BundleText(const std::vector<BundleSection>& sections,
                       const referral::v1::BundleEnd& end) {
  std::string text = absl::StrCat("What is held about ", end.crn(), "\n");
  if (!end.aliases().empty()) {
    absl::StrAppend(&text, "also known as ", absl::StrJoin(end.aliases(), ", "), "\n");
  }
  absl::StrAppend(&text, "read up to");
  for (const auto& at : end.positions()) absl::StrAppend(&text, " ", at.area(), " ", at.seq());
  absl::StrAppend(&text, "\nsections ", end.sections(), ", hash ", end.bundle_hash(), "\n");
  for (const BundleSection& section : sections) {
    absl::StrAppend(&text, "\n== ", section.title(), " (", section.area(), ")\n");
    for (const auto& entry : section.entries()) {
      absl::StrAppend(&text, google::protobuf::util::TimeUtil::ToString(entry.occurred_at()), "  ",
                      entry.event(), entry.erased() ? "  (erased)" : "", "\n");
      for (const BundleField& field : entry.fields()) AddField(field, &text);
    }
  }
  return text;
}

grpc::Status FetchBundle(Session& session, const std::string& request_id) {
  referral::v1::SubjectBundleRequest request;
  request.set_request_id(request_id);
  request.mutable_actor()->set_id(session.arguments.Option("as", "operator"));
  for (absl::string_view role :
       absl::StrSplit(session.arguments.Option("roles", "DP"), ',', absl::SkipEmpty())) {
    request.mutable_actor()->add_roles(std::string(role));
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       absl::ToChronoMilliseconds(session.timeout));
  const auto reader =
      referral::v1::ReferralService::NewStub(session.channel)->SubjectBundle(&context, request);
  std::vector<BundleSection> sections;
  referral::v1::BundleEnd end;
  referral::v1::SubjectBundlePart part;
  while (reader->Read(&part)) {
    if (part.has_section()) sections.push_back(std::move(*part.mutable_section()));
    if (part.has_end()) end = part.end();
  }
  if (grpc::Status status = reader->Finish(); !status.ok()) return status;
  if (end.bundle_hash().empty() || HashOf(sections) != end.bundle_hash()) {
    return grpc::Status(grpc::StatusCode::DATA_LOSS, "the bundle is not what the service hashed");
  }
  const std::string text = BundleText(sections, end);
  const std::string file = session.arguments.Option("file");
  if (file.empty()) {
    session.out << text;
    return grpc::Status::OK;
  }
  if (grpc::Status status = WriteTo(file, text); !status.ok()) return status;
  session.out << file << ": " << sections.size() << " sections, hash " << end.bundle_hash() << "\n";
  return grpc::Status::OK;
}

}  // namespace pdp::pdpctl
