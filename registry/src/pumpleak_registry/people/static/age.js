// Says how old a report is; without scripts its date alone is shown.
"use strict";

(() => {
  const DAY = 86_400_000;
  for (const time of document.querySelectorAll("time.age")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / DAY);
    const age = days < 1 ? "today" : days === 1 ? "1 day ago" : `${days} days ago`;
    time.textContent = `${time.dateTime.slice(0, 10)}, ${age}`;
    if (days > 365) {
      const note = document.createElement("span");
      note.className = "mark no";
      note.textContent = "old";
      time.after(" ", note);
    }
  }
})();
