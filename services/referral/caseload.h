#ifndef PDP_SERVICES_REFERRAL_CASELOAD_H_
#define PDP_SERVICES_REFERRAL_CASELOAD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/queries.pb.h"

// A line of a caseload file as the commands that register it. Pure: knows the messages and nothing
// else, so the service that checks a line and the client that imports it mean the same.
namespace pdp::referral {

struct LineCommand {
  v1::Command command;
  // NAT, or for OpenReferral that of the sentence (REF-27); empty: the line does not hold it, then
  // the area of the file.
  std::string area;
  // What of the line it registers, once in a line: person, needs.interpreter, sentences[0], ...
  std::string part;
  // A field of the command that begins with `own` stands in the line under `in_line`.
  std::string own, in_line;
};

// In the order in which they must be carried out: the person, who may see them, needs section by
// section, risk, officer, location, sentences, what of them has ended, forms to open, death.
std::vector<LineCommand> CommandsOf(const v1::CaseloadLine& line);

// Where in the line a field of the command stands, as in sentences[0].requirements[1].imposed_on.
// The part itself when the field is empty.
std::string PathInLine(const LineCommand& command, absl::string_view field);

// 16 bytes: the same part with the same content is the same command for ever, whatever file it
// stands in, so an import may be begun again; other content is another command.
std::string CommandIdOf(const LineCommand& command);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_CASELOAD_H_
